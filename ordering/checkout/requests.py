"""The commands of the checkout saga, built from its session. The same session always asks with the same ids."""

from __future__ import annotations

from ordering.checkout.models import CheckoutSession
from shop.contracts.fields import LONGEST_NAME
from shop.contracts.fulfilment.inventory import ReleaseInventory, ReservedItem
from shop.contracts.ordering import AuthorizePayment, CreateOrder, OrderItem, ReserveInventory
from shop.contracts.payments import VoidAuthorization
from shop.contracts.shopping import CartCheckedOut


def checked_out_cart(session: CheckoutSession) -> CartCheckedOut:
    """The event that started this checkout: what was bought, at which prices, and where it goes."""
    return CartCheckedOut.read(session.opening)


def reserve_inventory(session: CheckoutSession) -> ReserveInventory:
    """All items of the cart, or none."""
    items = [ReservedItem(product_id=line.product_id, quantity=line.quantity) for line in checked_out_cart(session).items]
    return ReserveInventory(
        cart_id=session.cart_id,
        customer_id=session.customer_id,
        items=items,
        reservation_id=session.reservation_id,
        order_id=session.order_id,
        checkout_session_id=session.id,
    )


def release_inventory(session: CheckoutSession) -> ReleaseInventory:
    """Also for a reservation that may never have come about."""
    return ReleaseInventory(reservation_id=session.reservation_id, reason="CHECKOUT_FAILED")


def authorize_payment(session: CheckoutSession) -> AuthorizePayment:
    """The total of the cart, in minor units."""
    return AuthorizePayment(
        cart_id=session.cart_id,
        customer_id=session.customer_id,
        amount=session.total,
        currency=session.currency,
        payment_id=session.payment_id,
        order_id=session.order_id,
        checkout_session_id=session.id,
        payment_method_id=checked_out_cart(session).payment_method_id,
    )


def void_authorization(session: CheckoutSession) -> VoidAuthorization:
    """Also for an authorisation that may never have come about."""
    return VoidAuthorization(
        payment_id=session.payment_id,
        order_id=session.order_id,
        reason=session.reason or None,
        checkout_session_id=session.id,
    )


def create_order(session: CheckoutSession) -> CreateOrder:
    """The order this checkout was for. A cart that names no discount was sold at the sum of its lines less the total."""
    cart = checked_out_cart(session)
    items = [OrderItem.model_validate(line.model_dump()) for line in cart.items]
    subtotal = sum(item.quantity * item.unit_price for item in items)
    return CreateOrder(
        cart_id=session.cart_id,
        customer_id=session.customer_id,
        items=items,
        subtotal=subtotal,
        discount=subtotal - session.total,
        total=session.total,
        currency=session.currency,
        payment_authorization_id=_authorization(session),
        order_id=session.order_id,
        checkout_session_id=session.id,
        reservation_id=session.reservation_id,
        payment_id=session.payment_id,
        applied_promotions=cart.applied_promotions,
        delivery_address=cart.delivery_address,
        delivery_method=cart.delivery_method,
        priority=cart.priority,
        fraud_verdict=session.facts.get("fraud_verdict"),
    )


def _authorization(session: CheckoutSession) -> str | None:
    """What payments called it, or else the evidence on which an operator took the payment as authorised."""
    facts = session.facts
    known: str | None = facts.get("payment_authorization_id") or facts.get("skipped", {}).get("AuthorizePayment")
    return known[:LONGEST_NAME] if known else None
