"""Ordering as it is, and around it tiny neighbours that keep what they are told and answer when the test says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from ordering.checkout.models import CheckoutSession
from ordering.checkout.queries import get_checkout
from ordering.checkout.saga import Checkout
from ordering.orders import handlers as orders
from ordering.orders import queries as order_queries
from ordering.orders.models import Order
from shop.contracts.base import Command, Event, Message
from shop.contracts.fulfilment import OrderUndeliverable, ShipmentCreated, ShipmentDelivered, ShortPickAccepted
from shop.contracts.fulfilment.inventory import (
    InventoryReleased,
    InventoryReserved,
    InventoryUnavailable,
    ReleaseInventory,
    ReservedItem,
    UnavailableItem,
)
from shop.contracts.ordering import (
    AuthorizePayment,
    CancelOrder,
    ChangeDeliveryAddress,
    CheckoutAborted,
    CheckoutCompleted,
    CreateOrder,
    GetCheckout,
    GetHeldOrders,
    GetOrder,
    GetOrdersForFulfilment,
    GetOrderStatusHistory,
    ListOrders,
    OrderAmended,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderCreated,
    OrderDeliveryAddressChanged,
    OrderFulfilmentStarted,
    OrderHoldReleased,
    OrderPlacedOnHold,
    OrderStatusChanged,
    PlaceOrderHold,
    ReleaseOrder,
    ReleaseOrderHold,
    ReleaseOrders,
    ReserveInventory,
)
from shop.contracts.ordering.amending import AmendOrder, OrderAmendmentRequested
from shop.contracts.payments import (
    AuthorizationVoided,
    PaymentAuthorized,
    PaymentFailed,
    PaymentSucceeded,
    ReturnDifference,
    VoidAuthorization,
)
from shop.contracts.registry import find
from shop.contracts.shopping import CartCheckedOut, CheckedOutCartView, GetCheckedOutCart
from shop.messaging.bus import publish, unit_of_work
from shop.messaging.errors import Missing
from shop.messaging.handlers import in_batches
from shop.messaging.models import Message as Mail
from shop.messaging.routing import route
from shop.messaging.saga.deadlines import act_on_deadlines
from shop.messaging.switchboard import Switchboard
from tests.boards import using
from tests.mail import deliver_all
from tests.ordering.factories import cart_checked_out

NEIGHBOURS: tuple[type[Command], ...] = (ReserveInventory, ReleaseInventory, AuthorizePayment, VoidAuthorization)
PLACE = ReservedItem(product_id=UUID(int=1), quantity=1)


class World:
    """What the neighbours were told, in order, and what the test lets them answer."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.carts: dict[UUID, CheckedOutCartView] = {}
        self.orders_are_deaf = False
        self.heard: set[str] = set()

    def board(self) -> Switchboard:
        """Real ordering, recording neighbours, nobody else listening."""
        return Switchboard(
            commands={
                CreateOrder: route(self._create_order(), queue="ordering"),
                PlaceOrderHold: orders.place_order_hold,
                ReleaseOrderHold: orders.release_order_hold,
                CancelOrder: orders.cancel_order,
                ChangeDeliveryAddress: orders.change_delivery_address,
                AmendOrder: orders.amend_order,
                ReturnDifference: route(self._neighbour(ReturnDifference), queue="fulfilment"),
                ReleaseOrders: orders.release_orders,
                ReleaseOrder: orders.release_order,
                **{command: route(self._neighbour(command), queue="fulfilment") for command in NEIGHBOURS},
            },
            events={
                event: []
                for event in (
                    CartCheckedOut, InventoryReserved, InventoryUnavailable, InventoryReleased, PaymentAuthorized,
                    PaymentFailed, AuthorizationVoided, OrderCreated, OrderConfirmed, OrderStatusChanged, OrderPlacedOnHold,
                    OrderHoldReleased, CheckoutCompleted, CheckoutAborted, OrderFulfilmentStarted,
                    OrderCancelled, OrderCompleted, OrderAmended,
                    OrderDeliveryAddressChanged, OrderAmendmentRequested,
                )
            } | {
                ShipmentCreated: [orders.note_shipment_when_created],
                ShipmentDelivered: [orders.complete_order_when_shipment_delivered],
                ShortPickAccepted: [orders.reduce_order_when_short_pick_accepted],
                OrderUndeliverable: [orders.give_up_order_when_undeliverable],
                PaymentSucceeded: [orders.await_fulfilment_when_payment_succeeded],
            },
            queries={
                GetOrder: order_queries.get_order,
                GetHeldOrders: order_queries.get_held_orders,
                GetOrdersForFulfilment: order_queries.get_orders_for_fulfilment,
                ListOrders: order_queries.list_orders,
                GetOrderStatusHistory: order_queries.get_order_status_history,
                GetCheckout: get_checkout,
                GetCheckedOutCart: self._cart,
            },
            sagas=(Checkout,),
        )  # fmt: skip

    def _neighbour(self, command: type[Command]) -> Callable[..., None]:
        @in_batches(100)
        def take(batch: Any) -> None:
            self.told += [envelope.message for envelope in batch]

        take.__qualname__ = f"take_{command.__name__}"
        return take

    def _create_order(self) -> Callable[..., Any]:
        @in_batches(50)
        def create_order(batch: Any) -> Any:
            self.told += [envelope.message for envelope in batch]
            return None if self.orders_are_deaf else orders.create_order(batch)

        return create_order

    def _cart(self, query: GetCheckedOutCart) -> CheckedOutCartView:
        if query.checkout_session_id not in self.carts:
            raise Missing("no_such_session", "nobody checked out")
        return self.carts[query.checkout_session_id]

    def last(self, command: type[Command]) -> Any:
        """The last thing some neighbour was told by this command."""
        return [said for said in self.told if isinstance(said, command)][-1]

    def count(self, command: type[Command]) -> int:
        """How often neighbours were told this."""
        return sum(isinstance(said, command) for said in self.told)


@contextmanager
def a_world() -> Any:
    """A world in force."""
    world = World()
    with using(world.board()):
        yield world


def say(*events: Event) -> None:
    """These facts become true and everybody in ordering hears them, until all is quiet."""
    with unit_of_work():
        for event in events:
            publish(event)
    settle()


def settle() -> None:
    """Deliver until there is no due mail."""
    deliver_all()


def said(*kinds: type[Message]) -> list[Any]:
    """Every message written so far, in order, of these kinds."""
    names = {kind.message_name() for kind in kinds}
    rows: Iterable[Mail] = Mail.objects.order_by("id")
    return [find(row.name, row.version).read(json.dumps(row.payload)) for row in rows if row.name in names]


def session_of(event: CartCheckedOut) -> CheckoutSession:
    """The session that this cart's checkout runs in."""
    return CheckoutSession.objects.get(cart_id=event.cart_id)


def start() -> CheckoutSession:
    """A checkout that has just begun."""
    event = cart_checked_out()
    say(event)
    return session_of(event)


def let_patience_end(session: CheckoutSession) -> None:
    """The deadline of this checkout passes, and the saga acts on it."""
    CheckoutSession.objects.filter(pk=session.pk).update(due_at=Now())
    assert act_on_deadlines(Checkout) == 1
    settle()
    session.refresh_from_db()


def now() -> datetime:
    """The test's own clock."""
    return datetime.now(UTC)


def reserved(session: CheckoutSession) -> InventoryReserved:
    return InventoryReserved(
        reservation_id=session.reservation_id, order_id=session.order_id, cart_id=session.cart_id, items=[PLACE],
        reserved_at=now(), checkout_session_id=session.id,
    )  # fmt: skip


def unavailable(session: CheckoutSession) -> InventoryUnavailable:
    return InventoryUnavailable(
        order_id=session.order_id, cart_id=session.cart_id, reservation_id=session.reservation_id, checked_at=now(),
        unavailable_items=[UnavailableItem(product_id=UUID(int=1), requested=2, available=1)],
        checkout_session_id=session.id,
    )  # fmt: skip


def released(session: CheckoutSession) -> InventoryReleased:
    return InventoryReleased(
        reservation_id=session.reservation_id, reason="CHECKOUT_FAILED", items=[PLACE], released_at=now(),
        checkout_session_id=session.id,
    )  # fmt: skip


def authorized(session: CheckoutSession, verdict: str = "pass") -> PaymentAuthorized:
    return PaymentAuthorized.model_validate(
        {
            "payment_id": session.payment_id, "order_id": session.order_id, "payment_authorization_id": "auth_1",
            "amount": session.total, "currency": session.currency, "fraud_verdict": verdict, "authorized_at": now(),
            "checkout_session_id": session.id,
        }
    )  # fmt: skip


def failed(session: CheckoutSession, *, fraud: bool = False) -> PaymentFailed:
    return PaymentFailed(
        payment_id=session.payment_id, order_id=session.order_id, reason="CARD_DECLINED", failed_at=now(),
        checkout_session_id=session.id, fraud=fraud, message="Your card was declined.",
    )  # fmt: skip


def captured(order_id: UUID) -> PaymentSucceeded:
    order = Order.objects.get(pk=order_id)
    assert order.payment_id is not None
    return PaymentSucceeded(
        payment_id=order.payment_id, order_id=order.id, amount=order.total, currency=order.currency, succeeded_at=now()
    )


def voided(session: CheckoutSession) -> AuthorizationVoided:
    return AuthorizationVoided(
        payment_id=session.payment_id, order_id=session.order_id, voided_at=now(), checkout_session_id=session.id
    )
