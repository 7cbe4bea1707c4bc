"""Carts, those that became checkouts and those that did not, and the promotions that were used."""

from __future__ import annotations

from typing import Final

from config.history.cases import LINES

CARTS: Final = """
    INSERT INTO shop_cart (id, customer_id, currency, status, version, created_at, last_touched_at, checkout_session_id,
        checked_out_at, subtotal, discount, applied_promotions)
    SELECT cart_id, customer_id, 'EUR', 'CHECKED_OUT', 3, at - interval '10 minutes', at, session_id, at, subtotal, discount,
           CASE WHEN promotion IS NULL THEN '{}'::text[] ELSE ARRAY[(SELECT name FROM past_promotion k WHERE k.k = promotion)] END
    FROM past_case
"""
ITEMS: Final = f"""
    INSERT INTO shop_cartitem (product_id, quantity, sku, name, unit_price, cart_id, discount)
    SELECT t.id, l.quantity, t.sku, t.name, t.price, c.cart_id, CASE l.position WHEN 1 THEN c.discount ELSE 0 END FROM {LINES}
"""
LEFT: Final = """
    WITH k AS (
        INSERT INTO shop_cart (id, customer_id, currency, status, version, created_at, last_touched_at, applied_promotions)
        SELECT pg_temp.id_at(c.at), CASE WHEN c.erased OR mod(c.n, 2) = 0 THEN NULL ELSE c.customer_id END, 'EUR',
               CASE WHEN c.at > now() - interval '7 days' OR c.n > %(cases)s - %(open_cases)s THEN 'OPEN' ELSE 'ABANDONED' END, 1,
               c.at, c.at, '{}'
        FROM past_case c WHERE mod(c.n, 6) = 1 RETURNING id
    )
    INSERT INTO shop_cartitem (product_id, quantity, sku, name, cart_id)
    SELECT t.id, 1, '', '', k.id FROM k JOIN past_product t ON t.p = 1 + mod(hashtext(k.id::text) & 1048575, %(products)s)
"""
USES: Final = """
    INSERT INTO shop_promotionuse (id, customer_id, cart_id, checkout_session_id, amount, currency, status, held_at, settled_at,
        promotion_id, order_id)
    SELECT pg_temp.id_at(c.at), c.customer_id, c.cart_id, c.session_id, c.discount, 'EUR', status, c.at,
           CASE status WHEN 'HELD' THEN NULL ELSE c.at + interval '3 s' END, k.id, CASE WHEN c.order_state IS NULL THEN NULL
           ELSE c.order_id END
    FROM (SELECT *, CASE WHEN session_state NOT IN ('COMPLETED', 'ABORTED') THEN 'HELD'
                         WHEN stage IN ('aborted', 'turned_back', 'cancelled') THEN 'GIVEN_BACK' ELSE 'KEPT' END AS status
          FROM past_case WHERE discount > 0) c JOIN past_promotion k ON k.k = c.promotion ORDER BY c.n
"""
COUNTED: Final = """
    UPDATE shop_promotion p SET uses = u.uses
    FROM (SELECT promotion_id, count(*) AS uses FROM shop_promotionuse WHERE status <> 'GIVEN_BACK' GROUP BY 1) u
    WHERE p.id = u.promotion_id AND p.total_limit IS NOT NULL
"""
PARTS: Final = (("carts", (CARTS, ITEMS, LEFT)), ("promotion uses", (USES, COUNTED)))
TABLES: Final = ("shop_cart", "shop_cartitem", "shop_promotionuse")
