"""Whether the mailbox has given up what moves one thing on: then nothing does but an operator who retries its delivery."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from shop.messaging.sets import fetch_rows

# By the index on messages of one key; for things that have few messages which are not done.
GIVEN_UP: Final = """
    SELECT d.error FROM messaging_message m JOIN messaging_delivery d ON d.message_id = m.id
    WHERE m.key = %s AND d.status = 'dead' ORDER BY m.id DESC LIMIT 1
"""


def given_up(key: UUID) -> str:
    """The error that the last dead message of this key was given up with; empty while there is hope."""
    found = fetch_rows(GIVEN_UP, [str(key)])
    return str(found[0][0]) if found else ""
