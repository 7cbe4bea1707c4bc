"""How a checkout stands, as its customer may know it. Reads only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ordering.checkout import wording
from ordering.checkout.models import CheckoutSession
from ordering.checkout.states import CheckoutState
from shop.contracts.ordering import CheckoutView, GetCheckout, GetOrder
from shop.contracts.shopping import CheckedOutCartView, GetCheckedOutCart
from shop.messaging.bus import ask
from shop.messaging.errors import Missing


def get_checkout(query: GetCheckout) -> CheckoutView:
    """Also before the saga has taken its first step: the cart knows its session from the moment of checkout.

    Raises ``Missing``.
    """
    session = CheckoutSession.objects.filter(pk=query.checkout_session_id).first()
    if session is None:
        return _not_started(query.checkout_session_id)
    return _view(session, **_standing(session))


def customer_of(checkout_session_id: UUID) -> UUID:
    """Whose checkout this is. Raises ``Missing``."""
    session = CheckoutSession.objects.filter(pk=checkout_session_id).only("customer_id").first()
    return session.customer_id if session else _cart_of(checkout_session_id).customer_id


def no_such_checkout() -> Missing:
    """The one answer for a checkout that is not there or is somebody else's."""
    return Missing("checkout_not_found", "There is no such checkout.")


def _cart_of(checkout_session_id: UUID) -> CheckedOutCartView:
    try:
        cart: CheckedOutCartView = ask(GetCheckedOutCart(checkout_session_id=checkout_session_id))
    except Missing:
        raise no_such_checkout() from None
    return cart


def _not_started(checkout_session_id: UUID) -> CheckoutView:
    cart = _cart_of(checkout_session_id)
    return CheckoutView(
        checkout_session_id=checkout_session_id,
        cart_id=cart.cart_id,
        status="PROCESSING",
        message=wording.PROCESSING[CheckoutState.STARTED.value],
        updated_at=cart.checked_out_at,
    )


def _standing(session: CheckoutSession) -> dict[str, Any]:
    if session.state == CheckoutState.COMPLETED:
        return {"status": "COMPLETED", "message": wording.COMPLETED, **_order(session)}
    if session.state == CheckoutState.ABORTED:
        return {"status": "FAILED", "message": wording.failed_because(session.reason)}
    if session.state == CheckoutState.NEEDS_ATTENTION:
        return {"status": "DELAYED", "message": wording.DELAYED_TURNING_BACK if session.reason else wording.DELAYED}
    return {"status": "PROCESSING", "message": wording.PROCESSING[session.state]}


def _order(session: CheckoutSession) -> dict[str, Any]:
    """The order, if it is there: an operator may have taken its creation as done on evidence that was wrong."""
    try:
        order = ask(GetOrder(order_id=session.order_id))
    except Missing:
        return {}
    return {"order_id": order.order_id, "confirmation_number": order.confirmation_number}


def _view(session: CheckoutSession, **standing: Any) -> CheckoutView:
    return CheckoutView.model_validate(
        {
            "checkout_session_id": session.id,
            "cart_id": session.cart_id,
            "reason": session.reason or None,
            "updated_at": session.updated_at,
            **standing,
        }
    )
