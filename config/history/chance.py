"""Chance that is the same in every run, and ids that grow with time. Functions of the session; nothing of them stays."""

from __future__ import annotations

from typing import Final

# The digest of a number and of what is being decided.
CHANCE: Final = """
    CREATE OR REPLACE FUNCTION pg_temp.chance(n bigint, what int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
        SELECT (hashint8extended(n, what) & 1073741823) / 1073741824.0::float8 $$
"""
PICK: Final = """
    CREATE OR REPLACE FUNCTION pg_temp.pick(words text[], n bigint, what int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT words[1 + floor(pg_temp.chance(n, what) * cardinality(words))::int] $$
"""
# 1 to ``most``, the first ones very much oftener than the last ones.
FAVOURITE: Final = """
    CREATE OR REPLACE FUNCTION pg_temp.favourite(n bigint, what int, most int, bias float8) RETURNS int
    LANGUAGE sql IMMUTABLE AS $$ SELECT 1 + floor(power(pg_temp.chance(n, what), bias) * most)::int $$
"""
# Version 7, as the shop's own are.
ID_AT: Final = """
    CREATE OR REPLACE FUNCTION pg_temp.id_at(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
        SELECT uuidv7(moment - clock_timestamp()) $$
"""
OLD_ID_AT: Final = """
    CREATE OR REPLACE FUNCTION pg_temp.id_at(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
        SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7'
                || right(md5(random()::text), 3) || '8' || right(md5(random()::text), 15))::uuid $$
"""


def functions(pg_version: int) -> tuple[str, ...]:
    """The functions, for this Postgres (``uuidv7`` came with 18)."""
    return (CHANCE, PICK, FAVOURITE, ID_AT if pg_version >= 180_000 else OLD_ID_AT)
