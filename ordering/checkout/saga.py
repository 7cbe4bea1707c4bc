"""The checkout saga: reserve, authorise, create the order. Before the order exists everything is undone, after it nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from ordering.checkout import endings, replies, requests
from ordering.checkout.models import CheckoutAttempt, CheckoutSession
from ordering.checkout.states import CheckoutState
from shop.contracts.base import Event
from shop.contracts.fulfilment.inventory import (
    InventoryReleased,
    InventoryReserved,
    InventoryUnavailable,
    ReleaseInventory,
)
from shop.contracts.ordering import AuthorizePayment, CreateOrder, OrderCreated, ReserveInventory
from shop.contracts.payments import AuthorizationVoided, PaymentAuthorized, PaymentFailed, VoidAuthorization
from shop.contracts.shopping import CartCheckedOut
from shop.messaging.envelope import Envelope
from shop.messaging.saga.declaration import Saga, Step


class Checkout(Saga):
    """From a checked-out cart to an order. Waits are in seconds; with doubling they stay below RESERVATION_MINUTES."""

    name = "checkout"
    queue = "ordering"
    model = CheckoutSession
    attempts = CheckoutAttempt
    started_by = CartCheckedOut
    steps = (
        Step(
            command=ReserveInventory,
            ask=requests.reserve_inventory,
            done=InventoryReserved,
            failed=InventoryUnavailable,
            why=replies.out_of_stock,
            undo=ReleaseInventory,
            take_back=requests.release_inventory,
            undone=InventoryReleased,
            state=CheckoutState.RESERVING_INVENTORY.value,
            patience=settings.CHECKOUT_RESERVE_DEADLINE_SECONDS,
            undo_patience=settings.CHECKOUT_UNDO_DEADLINE_SECONDS,
        ),
        Step(
            command=AuthorizePayment,
            ask=requests.authorize_payment,
            done=PaymentAuthorized,
            learn=replies.authorization,
            failed=PaymentFailed,
            why=replies.not_paid,
            undo=VoidAuthorization,
            take_back=requests.void_authorization,
            undone=AuthorizationVoided,
            state=CheckoutState.AUTHORIZING_PAYMENT.value,
            patience=settings.CHECKOUT_AUTHORIZE_DEADLINE_SECONDS,
            undo_patience=settings.CHECKOUT_UNDO_DEADLINE_SECONDS,
        ),
        Step(
            command=CreateOrder,
            ask=requests.create_order,
            done=OrderCreated,
            learn=replies.order,
            state=CheckoutState.CREATING_ORDER.value,
            pivot=True,
            patience=settings.CHECKOUT_CREATE_ORDER_DEADLINE_SECONDS,
        ),
    )
    opening_columns = (
        ("id", "uuid"),
        ("state", "text"),
        ("opening", "text"),
        ("correlation_id", "uuid"),
        ("cart_id", "uuid"),
        ("customer_id", "uuid"),
        ("order_id", "uuid"),
        ("reservation_id", "uuid"),
        ("payment_id", "uuid"),
        ("total", "bigint"),
        ("currency", "text"),
    )

    @classmethod
    def open(cls, envelope: Envelope[CartCheckedOut]) -> Sequence[Any]:
        """A new session with the ids of everything it may come to own; the event's own id stands in for a missing session id."""
        event = envelope.message
        session = event.checkout_session_id or event.event_id
        return (
            session,
            CheckoutState.STARTED.value,
            event.payload(),
            envelope.correlation_id,
            event.cart_id,
            event.customer_id,
            uuid7(),
            uuid7(),
            uuid7(),
            event.total,
            event.currency,
        )

    @classmethod
    def session_of(cls, reply: Any) -> UUID | None:
        """Every reply carries the session it was asked in; without one it belongs to somebody else."""
        session: UUID | None = reply.checkout_session_id
        return session

    @classmethod
    def completed(cls, record: CheckoutSession) -> Event:
        """The checkout has its order."""
        return endings.completed(record)

    @classmethod
    def aborted(cls, record: CheckoutSession) -> Event:
        """The checkout failed and owns nothing any more."""
        return endings.aborted(record)
