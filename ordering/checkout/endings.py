"""How a checkout ends, as facts."""

from __future__ import annotations

from datetime import UTC, datetime

from ordering.checkout.models import CheckoutSession
from ordering.checkout.wording import failed_because
from shop.contracts.ordering import CheckoutAborted, CheckoutCompleted


def completed(session: CheckoutSession) -> CheckoutCompleted:
    """The order exists since ``completed_at``; a step that an operator took as done has no better time than now."""
    created_at = session.facts.get("order_created_at")
    return CheckoutCompleted(
        checkout_session_id=session.id,
        cart_id=session.cart_id,
        customer_id=session.customer_id,
        order_id=session.order_id,
        completed_at=datetime.fromisoformat(created_at) if created_at else datetime.now(UTC),
    )


def aborted(session: CheckoutSession) -> CheckoutAborted:
    """Nothing is owned any more and no order exists."""
    return CheckoutAborted.model_validate(
        {
            "checkout_session_id": session.id,
            "cart_id": session.cart_id,
            "customer_id": session.customer_id,
            "reason": session.reason,
            "message": failed_because(session.reason),
            "aborted_at": datetime.now(UTC),
        }
    )
