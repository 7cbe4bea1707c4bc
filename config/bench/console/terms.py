"""What operators type: real ids, numbers, addresses and references of the past, several of each kind, so that no answer is just
the
last one again; and what nobody finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from shop.messaging.sets import fetch_rows

EACH: Final = 20
# By primary key from a drawn beginning, so that drawing reads no table through.
BY_KIND: Final[Mapping[str, str]] = {
    "order id": "SELECT id::text FROM ordering_order WHERE id >= %s ORDER BY id LIMIT 1",
    "confirmation number": "SELECT confirmation_number FROM ordering_order WHERE id >= %s ORDER BY id LIMIT 1",
    "checkout id": "SELECT id::text FROM ordering_checkoutsession WHERE id >= %s ORDER BY id LIMIT 1",
    "cart id": "SELECT id::text FROM shop_cart WHERE id >= %s ORDER BY id LIMIT 1",
    "customer id": "SELECT id::text FROM shop_customerprofile WHERE id >= %s ORDER BY id LIMIT 1",
    "e-mail": "SELECT email FROM shop_customerprofile WHERE id >= %s ORDER BY id LIMIT 1",
    "beginning of an e-mail": "SELECT left(email, 7) FROM shop_customerprofile WHERE id >= %s ORDER BY id LIMIT 1",
    "SKU": "SELECT sku FROM catalog_product WHERE id >= %s ORDER BY id LIMIT 1",
    "beginning of a name": "SELECT left(name, 5) FROM catalog_product WHERE id >= %s ORDER BY id LIMIT 1",
    "product id": "SELECT id::text FROM catalog_product WHERE id >= %s ORDER BY id LIMIT 1",
    "provider's reference": "SELECT provider_intent_id FROM payments_paymentauthorization WHERE id >= %s ORDER BY id LIMIT 1",
    "tracking number": """SELECT tracking_number FROM fulfilment_shipment WHERE id >= %s AND tracking_number <> ''
                          ORDER BY id LIMIT 1""",
    "webhook's event id": "SELECT event_id FROM payments_webhookevent WHERE id >= %s ORDER BY id LIMIT 1",
    "promotion code": "SELECT code FROM shop_promotion WHERE id >= %s ORDER BY id LIMIT 1",
}
FROM_THE_PAST: Final = "SELECT uuidv7(-make_interval(days => %s))"
OTHERS: Final[Mapping[str, Sequence[str]]] = {
    "message name": ("OrderConfirmed", "CartCheckedOut", "CapturePayment"),
    "who did it": ("staff:past3", "past4", "staff:nobody"),
    "segment": ("PAST_VIP",),
    "number": ("1", "12345", "999999999"),
    "an id nobody has": tuple(f"0196{n:04x}-0000-7000-8000-000000000000" for n in range(EACH)),
    "a word nobody has": ("zqxjk", "qqqqq zzzzz", "%", "_", "ORD-", "nobody@nowhere.invalid"),
}


def terms() -> dict[str, list[str]]:
    """Some terms of each kind; kinds of which the shop has none are left out."""
    drawn: dict[str, list[str]] = {}
    for kind, sql in BY_KIND.items():
        rows = [row for days in _days() for row in fetch_rows(sql, [fetch_rows(FROM_THE_PAST, [days])[0][0]])]
        drawn[kind] = list(dict.fromkeys(text for (text,) in rows if text))
    drawn |= {kind: list(texts) for kind, texts in OTHERS.items()}
    return {kind: texts for kind, texts in drawn.items() if texts}


def _days() -> list[int]:
    return [round(720 * (number / EACH) ** 2) for number in range(1, EACH + 1)]
