"""Since when a message has subscribers: noted whenever the database is migrated, before any process of the new version runs."""

from __future__ import annotations

from typing import Any

from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows, run

THERE = "SELECT to_regclass('messaging_subscription') IS NOT NULL"
NOTE = """
    INSERT INTO messaging_subscription (message_name) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING
"""
FORGET = "DELETE FROM messaging_subscription WHERE message_name <> ALL(%s::text[])"


def note_subscriptions(**_: Any) -> None:
    """Note the names that have subscribers from now on, and forget those that have none any more."""
    if fetch_rows(THERE)[0][0]:
        names = switchboard().subscribed_names()
        run(NOTE, [names])
        run(FORGET, [names])
