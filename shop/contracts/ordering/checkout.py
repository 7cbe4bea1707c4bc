"""Checkout: what the saga asks of inventory and payments, and how a checkout ends."""

from typing import Annotated, Literal

from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    CheckoutStatus,
    Currency,
    Name,
    Personal,
    PositiveMoney,
    Text,
    UtcTime,
    Uuid,
)
from shop.contracts.fulfilment.inventory import ReservationView, ReservedItems
from shop.contracts.payments import PaymentView

OWNER = "ordering-platform"

AbortReason = Literal["OUT_OF_STOCK", "PAYMENT_DECLINED", "FRAUD", "TIMED_OUT", "CANCELLED_BY_OPERATOR", "ERROR"]


class ReserveInventory(Command):
    """Set all of these items aside, or none. Answered by InventoryReserved or InventoryUnavailable.

    A repeat with the same ``reservationId`` answers with the same reservation.
    """

    owner = OWNER
    key = "reservation_id"
    http = Http("POST", "/reservations", (201, 400, 409))
    response = ReservationView

    cart_id: Uuid
    customer_id: Uuid | None = None
    items: ReservedItems
    reservation_id: Uuid | None = None
    order_id: Uuid | None = None
    checkout_session_id: Uuid | None = None


class AuthorizePayment(Command):
    """Hold this amount and have it screened for fraud. Answered by PaymentAuthorized or PaymentFailed.

    A repeat with the same ``paymentId`` never holds the money twice.
    """

    owner = OWNER
    key = "payment_id"
    http = Http("POST", "/payments/authorize", (201, 400, 402, 409))
    response = PaymentView

    cart_id: Uuid
    customer_id: Uuid | None = None
    amount: PositiveMoney
    currency: Currency
    payment_id: Uuid | None = None
    order_id: Uuid | None = None
    checkout_session_id: Uuid | None = None
    # The payment provider's token. Card data never gets here.
    payment_method_id: Name | None = None
    ip_address: Annotated[Name | None, Personal] = None


class CheckoutCompleted(Event):
    """The checkout has made its order. Nothing of it will be undone by the saga any more."""

    owner = OWNER
    key = "checkout_session_id"

    checkout_session_id: Uuid
    cart_id: Uuid
    customer_id: Uuid
    order_id: Uuid
    completed_at: UtcTime


class CheckoutAborted(Event):
    """The checkout failed, everything it had taken is given back, and no order exists. ``message`` may be shown."""

    owner = OWNER
    key = "checkout_session_id"

    checkout_session_id: Uuid
    cart_id: Uuid
    customer_id: Uuid | None = None
    reason: AbortReason
    message: Text | None = None
    aborted_at: UtcTime


class CheckoutView(Part):
    """How a checkout stands, in words for its customer. An order exists only when ``orderId`` is there."""

    checkout_session_id: Uuid
    cart_id: Uuid
    status: CheckoutStatus
    reason: AbortReason | None = None
    message: Text
    order_id: Uuid | None = None
    confirmation_number: Name | None = None
    updated_at: UtcTime


class GetCheckout(Query):
    """How a checkout stands. Answers from the moment the cart was checked out."""

    owner = OWNER
    http = Http("GET", "/checkouts/{checkoutSessionId}", (200, 404))
    response = CheckoutView

    checkout_session_id: Uuid
