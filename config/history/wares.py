"""A catalogue to search in, written straight into the index: as many products as wanted, set by set.

Names are an adjective, a material, a thing, and one of 2,000 brands that are used ever less often; descriptions are twenty words.
So some words are in one product of ten and others in a handful.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import connection

from catalog.search import schema
from shop.messaging.sets import fetch_rows, run

CHUNK: Final = 50_000
HALF: Final = 1
ADJECTIVES: Final = [
    "red", "blue", "green", "black", "white", "grey", "yellow", "orange", "purple", "brown", "small", "large",
    "compact", "folding", "portable", "wireless", "classic", "modern", "vintage", "light", "heavy", "soft", "durable",
    "waterproof", "insulated", "adjustable", "electric", "manual", "rechargeable", "magnetic",
]  # fmt: skip
MATERIALS: Final = [
    "cotton", "wool", "leather", "steel", "iron", "oak", "pine", "glass", "ceramic", "plastic", "rubber", "bamboo",
    "linen", "silk", "copper", "brass", "aluminium", "canvas", "cork", "stone",
]  # fmt: skip
THINGS: Final = [
    "shirt", "jacket", "trousers", "scarf", "hat", "gloves", "socks", "shoes", "boots", "belt", "lamp", "chair",
    "table", "desk", "shelf", "sofa", "carpet", "curtain", "mirror", "clock", "cup", "plate", "bowl", "teapot",
    "kettle", "pan", "knife", "fork", "spoon", "jar", "headphones", "speaker", "keyboard", "mouse", "monitor", "camera",
    "tripod", "charger", "cable", "adapter", "tent", "backpack", "bottle", "torch", "compass", "hammer", "drill", "saw",
    "wrench", "ladder", "bucket", "spade", "rake", "hose", "planter", "notebook", "pencil", "pen", "ruler", "scissors",
    "stapler", "puzzle", "doll", "kite", "ball", "racket", "helmet", "bicycle", "saddle", "pump", "lock", "bell",
]  # fmt: skip
SYLLABLES: Final = [
    "ba", "ko", "ri", "tu", "mel", "san", "dor", "vek", "lin", "gra", "pho", "zul", "fen", "mar", "tis", "qua", "ner",
    "bol", "xan", "wil",
]  # fmt: skip
CATEGORIES: Final = [
    "Clothing", "Shoes", "Lighting", "Furniture", "Textiles", "Tableware", "Kitchen", "Audio", "Computers",
    "Photography", "Outdoor", "Tools", "Garden", "Stationery", "Toys", "Sports", "Cycling",
]  # fmt: skip

PRODUCTS: Final = f"""
    INSERT INTO catalog_searchdocument (half, product_id, sequence, version, sku, name, description, category, price, currency,
        status, rating, reviews, changed_at, name_words, head, words)
    SELECT {HALF}, product_id, 1, 1, sku, name, description, category, price, 'EUR', status, rating, reviews, now(),
           cardinality(string_to_array(catalog_search_plain(name), ' ')), head,
           catalog_search_words(head, 'english', description, catalog_search_terms(category, price))
    FROM (
        SELECT p.*, catalog_search_head('english', name, sku, category) AS head FROM (
            SELECT md5(n::text)::uuid AS product_id, 'BENCH-' || n AS sku, initcap(pick(%(adjectives)s, n, 1)) || ' '
                   || pick(%(materials)s, n, 2) || ' ' || pick(%(things)s, n, 3) || ' '
                   || initcap(rare(%(brands)s, n, 4)) AS name,
                   (SELECT string_agg(CASE k %% 3 WHEN 0 THEN pick(%(adjectives)s, n, 10 + k)
                                      WHEN 1 THEN pick(%(things)s, n, 10 + k)
                                      ELSE rare(%(brands)s, n, 10 + k) END, ' ')
                    FROM generate_series(1, 20) AS k) AS description,
                   pick(%(categories)s, n, 5) AS category, (100 * exp(7 * chance(n, 6)))::bigint AS price,
                   CASE WHEN chance(n, 7) < 0.02 THEN 'DRAFT' WHEN chance(n, 7) < 0.05 THEN 'ARCHIVED' ELSE 'ACTIVE' END
                       AS status,
                   CASE WHEN chance(n, 8) < 0.5 THEN 0 ELSE round((1 + 4 * chance(n, 9))::numeric, 1) END AS rating,
                   CASE WHEN chance(n, 8) < 0.5 THEN 0 ELSE (200 * chance(n, 9) ^ 4)::int + 1 END AS reviews
            FROM generate_series(%(first)s::int, %(last)s::int) AS n
        ) AS p OFFSET 0
    ) AS w
"""
# Chance that is the same in every run: the digest of a product's number and of what is being decided.
HELPERS: Final = tuple(
    f"CREATE OR REPLACE FUNCTION pg_temp.{head} LANGUAGE sql IMMUTABLE AS $$ SELECT {body} $$"
    for head, body in (
        ("chance(n int, what int) RETURNS float8", "(hashint4extended(n, what) & 1073741823) / 1073741824.0::float8"),
        (
            "pick(words text[], n int, what int) RETURNS text",
            "words[1 + floor(pg_temp.chance(n, what) * cardinality(words))::int]",
        ),
        (
            "rare(words text[], n int, what int) RETURNS text",
            "words[1 + floor(power(pg_temp.chance(n, what), 3) * cardinality(words))::int]",
        ),
    )
)
LEARN: Final = f"""
    INSERT INTO catalog_searchword (half, word) SELECT {HALF}, word FROM unnest(%s::text[]) AS word
    WHERE length(word) >= 3 ON CONFLICT DO NOTHING
"""
GENERATION: Final = f"""
    INSERT INTO catalog_searchgeneration (half, status, config, reason, started_by, live_at)
    VALUES ({HALF}, 'LIVE', 'english', 'benchmark', 'system:bench', now())
"""


def brands() -> list[str]:
    """2,000 words that no dictionary has."""
    return [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES][:2_000]


def empty() -> None:
    """No documents, no generations."""
    run("TRUNCATE catalog_searchdocument, catalog_searchgeneration, catalog_searchword")


def write(products: int, tell: Callable[[str], None]) -> None:
    """So many documents in a live index, its indexes made afterwards, analysed."""
    run("SET statement_timeout = 0")
    empty()
    run(GENERATION)
    for statement in HELPERS:
        run(statement)
    for index in _indexes():
        run(f"DROP INDEX {index}")
    words = {
        "adjectives": ADJECTIVES, "materials": MATERIALS, "things": THINGS, "brands": brands(), "categories": CATEGORIES,
    }  # fmt: skip
    sql = PRODUCTS
    for helper in ("pick", "rare", "chance"):
        sql = sql.replace(f"{helper}(", f"pg_temp.{helper}(")
    for first in range(1, products + 1, CHUNK):
        last = min(first + CHUNK - 1, products)
        run(sql, {**words, "first": first, "last": last})
        tell(f"{last:,} of {products:,} documents written")
    for statement in schema.INDEXES:
        run(statement)
    run(LEARN, [[word for some in words.values() for word in map(str.lower, some)]])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE catalog_searchdocument, catalog_searchword")


def _indexes() -> list[str]:
    made = [statement.split()[2] for statement in schema.INDEXES]
    return [name for (name,) in fetch_rows("SELECT indexname FROM pg_indexes WHERE indexname = ANY(%s)", [made])]
