"""What was sold: categories, products with their documents in the search index, feeds that brought them."""

from __future__ import annotations

from typing import Final

from config.history.wares import ADJECTIVES, CATEGORIES, MATERIALS, THINGS, brands

WORDS: Final = {
    "adjectives": ADJECTIVES,
    "materials": MATERIALS,
    "things": THINGS,
    "categories": CATEGORIES,
    "brands": brands(),
}  # fmt: skip
PRODUCT: Final = """
    CREATE TEMP TABLE past_product (p int PRIMARY KEY, id uuid, sku text, name text, price bigint, at timestamptz) ON COMMIT DROP
"""
PRODUCTS: Final = """
    INSERT INTO past_product
    SELECT p, pg_temp.id_at(at), 'PAST-' || lpad(p::text, 7, '0'),
           initcap(pg_temp.pick(%(adjectives)s, p, 101)) || ' ' || pg_temp.pick(%(materials)s, p, 102) || ' '
           || pg_temp.pick(%(things)s, p, 103) || ' ' || initcap(pg_temp.pick(%(brands)s, p, 104)),
           (300 * exp(5 * pg_temp.chance(p, 105)))::bigint, at
    FROM (SELECT p, now() - make_interval(days => %(days)s + 30, secs => %(products)s - p) AS at
          FROM generate_series(1, %(products)s::int) p) p
"""
ROOTS: Final = """
    INSERT INTO catalog_category (id, name, slug, path, depth, version, created_at)
    SELECT pg_temp.id_at(now() - interval '800 days'), c, lower(c), lower(c), 0, 1, now() - interval '800 days'
    FROM unnest(%(categories)s::text[]) c WHERE NOT EXISTS (SELECT 1 FROM catalog_category k WHERE k.name = c OR k.path =
        lower(c))
"""
BRANCHES: Final = """
    INSERT INTO catalog_category (id, name, slug, path, depth, version, created_at, parent_id)
    SELECT pg_temp.id_at(now() - interval '790 days'), k.name || ' ' || n, k.slug || '-' || n, k.path || '/' || k.slug || '-' ||
        n,
           k.depth + 1, 1, now() - interval '790 days', k.id
    FROM catalog_category k, generate_series(1, 12) n WHERE k.name = ANY(%(categories)s::text[])
"""
SOLD: Final = """
    INSERT INTO catalog_product (id, sku, name, description, price, currency, category, status, sequence, created_at, updated_at,
        deleted_at, deletion_reason, enriched)
    SELECT id, sku, name, (SELECT string_agg(pg_temp.pick(%(things)s, p, 200 + k), ' ') FROM generate_series(1, 12) k), price,
           'EUR', pg_temp.pick(%(categories)s, p, 106),
           CASE WHEN mod(p, 40) = 7 THEN 'DRAFT' WHEN mod(p, 40) = 9 THEN 'ARCHIVED' ELSE 'ACTIVE' END, 1, at, at,
           CASE WHEN mod(p, 40) = 11 THEN now() - interval '3 days' END, CASE WHEN mod(p, 40) = 11 THEN 'WITHDRAWN' ELSE '' END,
           true
    FROM past_product
"""
GENERATIONS: Final = """
    INSERT INTO catalog_searchgeneration (half, status, config, reason, started_by, started_at, filled, expected, live_at,
        ended_at)
    SELECT 1 + mod(n, 2), 'CLEARED', 'english', 'Rebuilt', 'staff:past', now() - make_interval(days => 30 * n), %(products)s,
           %(products)s, now() - make_interval(days => 30 * n), now() - make_interval(days => 30 * (n - 1))
    FROM generate_series(20, 2, -1) n
"""
LIVE: Final = """
    INSERT INTO catalog_searchgeneration (half, status, config, reason, started_by, live_at, filled, expected)
    SELECT 1, 'LIVE', 'english', 'The first', 'system', now() - interval '30 days', %(products)s, %(products)s
    WHERE NOT EXISTS (SELECT 1 FROM catalog_searchgeneration WHERE status = 'LIVE')
"""
DOCUMENTS: Final = """
    INSERT INTO catalog_searchdocument (half, product_id, sequence, version, sku, name, description, category, price, currency,
        status, changed_at, name_words, head, words)
    SELECT half, id, sequence, 1, sku, name, description, category, price, currency, status, updated_at, 4, head,
           CASE WHEN status = 'DELETED' THEN ''
                ELSE catalog_search_words(head, 'english', description, catalog_search_terms(category, price)) END
    FROM (SELECT g.half, p.id, p.sequence, p.sku, p.name, p.description, p.category, p.price, p.currency, p.updated_at,
                 CASE WHEN p.deleted_at IS NULL THEN p.status ELSE 'DELETED' END AS status,
                 catalog_search_head('english', p.name, p.sku, p.category) AS head
          FROM past_product s JOIN catalog_product p ON p.id = s.id
          JOIN catalog_searchgeneration g ON g.status = 'LIVE' OFFSET 0) w
"""
IMPORTS: Final = """
    INSERT INTO catalog_productimport (id, upload, file_name, size, actor, status, layout, "offset", line, rows, new, changed,
        unchanged, rejected, applied, skipped, reason, created_at, updated_at, finished_at, rows_pruned)
    SELECT pg_temp.id_at(at), gen_random_uuid(), 'feed-' || to_char(at, 'YYYY-MM-DD') || '.csv', 100000, 'staff:past', status,
           '{"delimiter": ",", "width": 7, "columns": {}, "start": 0}', 100000, 1200, 1200, 900, 200, 90, 10,
           CASE status WHEN 'APPLIED' THEN 1100 ELSE 0 END, 0, CASE status WHEN 'REFUSED' THEN 'The file has no column sku.'
           ELSE '' END,
           at, at, CASE WHEN status <> 'READY' THEN at + interval '2 minutes' END, status <> 'READY'
    FROM (SELECT now() - make_interval(days => n, mins => 10) AS at,
                 CASE WHEN n < 4 THEN 'READY' WHEN mod(n, 10) = 4 THEN 'REFUSED' WHEN mod(n, 10) = 5 THEN 'CANCELLED'
                      ELSE 'APPLIED' END AS status
          FROM generate_series(250, 1, -1) n) i
"""
IMPORT_ROWS: Final = """
    INSERT INTO catalog_importrow (imported_id, line, kind, sku, name, description, price, currency, category, status, errors)
    SELECT i.id, n, CASE WHEN n <= 900 THEN 'NEW' WHEN n <= 1100 THEN 'CHANGED' WHEN n <= 1190 THEN 'UNCHANGED' ELSE 'REJECTED'
        END,
           'FEED-' || n, 'From a feed', '', 1000, 'EUR', '', 'ACTIVE', CASE WHEN n > 1190 THEN 'The price is no number.' ELSE ''
           END
    FROM catalog_productimport i, generate_series(1, 1200) n WHERE i.status = 'READY' AND i.actor = 'staff:past'
"""
PARTS: Final = (
    ("products", (PRODUCT, PRODUCTS, "ANALYZE past_product", ROOTS, BRANCHES, SOLD)),
    ("search documents", (GENERATIONS, LIVE, DOCUMENTS)),
    ("imports", (IMPORTS, IMPORT_ROWS)),
)
TABLES: Final = (
    "catalog_category", "catalog_product", "catalog_searchgeneration", "catalog_searchdocument", "catalog_productimport",
    "catalog_importrow",
)  # fmt: skip
