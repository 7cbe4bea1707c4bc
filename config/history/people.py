"""Who bought: customers, what they agreed to be called, and those who were forgotten."""

from __future__ import annotations

from typing import Final

FIRST: Final = ["ada", "bela", "chen", "dana", "emil", "fatma", "gita", "hugo", "ines", "jonas", "kofi", "lena", "mira", "noor"]
LAST: Final = ["berg", "costa", "diaz", "evans", "fischer", "gupta", "haas", "ito", "jensen", "kim", "lopez", "moreau", "novak"]
WORDS: Final = {"first": FIRST, "last": LAST}
CUSTOMER: Final = """
    CREATE TEMP TABLE past_customer (c int PRIMARY KEY, id uuid, email text, at timestamptz, erased boolean) ON COMMIT DROP
"""
# Whoever is known by a number beyond the customers was erased since.
CUSTOMERS: Final = """
    INSERT INTO past_customer
    SELECT c, pg_temp.id_at(at), pg_temp.pick(%(first)s, c, 301) || '.' || pg_temp.pick(%(last)s, c, 302) || c || '@example.com',
           at, c > %(customers)s
    FROM (SELECT c, now() - make_interval(days => %(days)s + 1) * power(1 - c / (%(customers)s + %(erased)s + 1.0), 1.3) AS at
          FROM generate_series(1, %(customers)s::int + %(erased)s::int) c) c
"""
PROFILES: Final = """
    INSERT INTO shop_customerprofile (id, email, email_key, name, status, status_reason, registered_at, updated_at)
    SELECT id, email, email, initcap(replace(split_part(email, '@', 1), '.', ' ')),
           CASE WHEN mod(c, 400) = 3 THEN 'SUSPENDED' WHEN mod(c, 400) = 5 THEN 'CLOSED' ELSE 'ACTIVE' END,
           CASE WHEN mod(c, 400) IN (3, 5) THEN 'Written as past' ELSE '' END, at, at
    FROM past_customer WHERE NOT erased
"""
ADDRESSES: Final = """
    INSERT INTO shop_customeraddress (id, recipient_name, line1, line2, city, postal_code, country_code, is_default, created_at,
        customer_id)
    SELECT pg_temp.id_at(at), initcap(split_part(email, '@', 1)), c || ' Long Road', '', 'Berlin', '10115', 'DE', true, at, id
    FROM past_customer WHERE NOT erased
"""
SEGMENTS: Final = """
    INSERT INTO shop_segmentmember (segment, assigned_at, assigned_by, customer_id)
    SELECT 'PAST_VIP', at, 'staff:past', id FROM past_customer WHERE NOT erased AND mod(c, 100) = 1
"""
ERASURES: Final = """
    INSERT INTO shop_erasure (customer_id, requested_at, requested_by, reason)
    SELECT id, now() - interval '3 days' - make_interval(hours => c - %(customers)s), 'customer:' || id, ''
    FROM past_customer WHERE erased
"""
PROMOTION: Final = """
    CREATE TEMP TABLE past_promotion (k int PRIMARY KEY, id uuid, name text) ON COMMIT DROP
"""
PROMOTIONS: Final = """
    INSERT INTO past_promotion
    SELECT k, pg_temp.id_at(now() - make_interval(days => %(days)s)), 'A tenth off, number ' || k
    FROM generate_series(1, %(promotions)s::int) k
"""
OFFERED: Final = """
    INSERT INTO shop_promotion (id, name, kind, value, currency, code, minimum_spend, customer_segment, category, total_limit,
        uses,
        stackable, priority, status, created_at, paused, starts_at, ends_at)
    SELECT id, name, 'PERCENTAGE', 1000, '', 'PAST' || lpad(k::text, 6, '0'), 0, '', '',
           CASE WHEN mod(k, 5) = 0 THEN 10000000 END, 0, false, 0,
           CASE WHEN mod(k, 12) = 4 THEN 'DRAFT' WHEN mod(k, 3) = 0 THEN 'ENDED' ELSE 'ACTIVE' END,
           now() - make_interval(days => %(days)s), mod(k, 12) = 2, now() - make_interval(days => %(days)s), NULL
    FROM past_promotion
"""
PARTS: Final = (
    ("customers", (CUSTOMER, CUSTOMERS, "ANALYZE past_customer", PROFILES, ADDRESSES, SEGMENTS, ERASURES)),
    ("promotions", (PROMOTION, PROMOTIONS, "ANALYZE past_promotion", OFFERED)),
)
TABLES: Final = ("shop_customerprofile", "shop_customeraddress", "shop_segmentmember", "shop_erasure", "shop_promotion")
