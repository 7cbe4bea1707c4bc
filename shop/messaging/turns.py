"""Whose turn it is: something done once per period, however many sweepers run."""

from __future__ import annotations

from shop.messaging.sets import fetch_rows

# Looks before it writes: a turn that is not due locks and writes nothing.
TAKE_TURN = """
    INSERT INTO messaging_timetableentry (name, last_sent_at)
    SELECT %(name)s::text, now() WHERE NOT EXISTS (
        SELECT 1 FROM messaging_timetableentry
        WHERE name = %(name)s::text AND last_sent_at > now() - make_interval(secs => %(seconds)s))
    ON CONFLICT (name) DO UPDATE SET last_sent_at = now()
    WHERE messaging_timetableentry.last_sent_at <= now() - make_interval(secs => %(seconds)s)
    RETURNING name
"""


def take_turn(name: str, seconds: int) -> bool:
    """Whether the last turn of that name is ``seconds`` ago by the database's clock; if so, this one is taken."""
    return bool(fetch_rows(TAKE_TURN, {"name": name, "seconds": seconds}))
