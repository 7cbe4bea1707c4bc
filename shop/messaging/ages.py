"""Finding messages by age without an index of its own: UUIDv7 ids begin with the millisecond they were made in."""

from __future__ import annotations


def first_id_of(moment: str) -> str:
    """SQL for the smallest id of the millisecond ``moment``, which is SQL for a timestamptz.

    Ids are made by the sender's clock, ``created_at`` is the database's: leave room for clocks that differ.
    """
    return f"(lpad(to_hex((extract(epoch FROM {moment}) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid"
