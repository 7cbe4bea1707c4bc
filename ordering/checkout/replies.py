"""What the replies of inventory, payments and orders mean to a checkout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ordering.checkout.models import CheckoutSession
from shop.contracts.fulfilment.inventory import InventoryUnavailable
from shop.contracts.ordering import OrderCreated
from shop.contracts.payments import PaymentAuthorized, PaymentFailed
from shop.messaging.saga.declaration import Failed


def authorization(session: CheckoutSession, reply: PaymentAuthorized) -> Mapping[str, Any]:
    """What the order needs to know about its payment."""
    return {"payment_authorization_id": reply.payment_authorization_id, "fraud_verdict": reply.fraud_verdict}


def order(session: CheckoutSession, reply: OrderCreated) -> Mapping[str, Any]:
    """When the order came into being (RFC 3339, UTC)."""
    return {"order_created_at": reply.created_at.isoformat()}


def out_of_stock(reply: InventoryUnavailable) -> Failed:
    """OUT_OF_STOCK, and for operators which products fell short by how much."""
    missing = "; ".join(f"{item.product_id}: {item.available} of {item.requested} available" for item in reply.unavailable_items)
    return Failed("OUT_OF_STOCK", missing or "nothing could be reserved")


def not_paid(reply: PaymentFailed) -> Failed:
    """FRAUD when the verdict forbade it, else PAYMENT_DECLINED; for operators what the provider said."""
    said = ": ".join(part for part in (reply.reason, reply.message) if part)
    return Failed("FRAUD" if reply.fraud else "PAYMENT_DECLINED", said)
