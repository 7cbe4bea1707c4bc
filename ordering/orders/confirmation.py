"""Confirmation numbers: a series nobody can count along, without collisions and without a retry.

The database counts 0, 1, 2, ...; a keyed Feistel network maps the 10^8 eight-digit numbers one to one onto themselves
(four rounds over two halves of 10^4, after Black and Rogaway, "Ciphers with Arbitrary Finite Domains").
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Final

from django.conf import settings

from shop.messaging.sets import fetch_rows

HALF: Final = 10_000
CAPACITY: Final = HALF * HALF
ROUNDS: Final = 4

NEXT: Final = "nextval(pg_get_serial_sequence('ordering_confirmationseries', 'id'))"
ALLOT: Final = f"SELECT now(), {NEXT} FROM generate_series(1, %s)"


class SeriesExhausted(RuntimeError):
    """Every eight-digit confirmation number has been given out: publish a longer format before taking more orders."""


@cache
def _round(key: str, number: int) -> tuple[int, ...]:
    """The round function as a table of ``HALF`` entries: computed once per process, looked up ever after."""
    salt = f"{number}".encode()
    secret = key.encode()[:64]
    return tuple(
        int.from_bytes(blake2b(value.to_bytes(4), key=secret, salt=salt, digest_size=8).digest()) % HALF for value in range(HALF)
    )


def permuted(count: int, key: str) -> int:
    """``count`` (0 to 99,999,999) mapped one to one into the same range. Raises ``SeriesExhausted`` beyond it."""
    if not 0 <= count < CAPACITY:
        raise SeriesExhausted(f"{count} is not among the {CAPACITY} confirmation numbers")
    left, right = divmod(count, HALF)
    for number in range(ROUNDS):
        left, right = right, (left + _round(key, number)[right]) % HALF
    return left * HALF + right


def confirmation_number(count: int) -> str:
    """``ORD-`` and eight digits for the order that was counted as ``count``."""
    return f"ORD-{permuted(count, settings.CONFIRMATION_NUMBER_KEY):08d}"


def allot(how_many: int) -> tuple[datetime, list[str]]:
    """The database's time (UTC) and so many confirmation numbers never given out before, in one statement.

    Numbers allotted to orders that turn out to exist already are lost, which costs nothing.
    """
    rows = fetch_rows(ALLOT, [how_many])
    return rows[0][0], [confirmation_number(count) for _, count in rows]
