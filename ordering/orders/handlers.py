"""What orders do when they are told to, or hear something: one function per command and subscription."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from ordering.orders import amending, archiving, ending, holding, paying, readdressing, reducing, releasing
from ordering.orders.archiving import archive_order
from ordering.orders.creation import Draft, announce, check_sums, draft_all, insert
from ordering.orders.facts import order_created
from ordering.orders.models import Order
from ordering.orders.moving import origin
from ordering.orders.queries import order_view
from shop.contracts.fulfilment import OrderUndeliverable, ShipmentCreated, ShipmentDelivered, ShipmentFailed, ShortPickAccepted
from shop.contracts.ordering import (
    CancelOrder,
    ChangeDeliveryAddress,
    CreateOrder,
    HoldView,
    OrderView,
    PlaceOrderHold,
    ReleaseOrder,
    ReleaseOrderHold,
    ReleaseOrders,
)
from shop.contracts.ordering.amending import (
    AmendmentPreview,
    AmendmentView,
    AmendOrder,
    ApplyAmendment,
    OrderAmendmentRejected,
    PreviewAmendment,
    PreviewOrderAmendment,
)
from shop.contracts.ordering.archiving import ArchiveOrders, SetLegalHold
from shop.contracts.payments import PaymentSucceeded
from shop.messaging.bus import publish, send
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Refused
from shop.messaging.handlers import in_batches

__all__ = ["archive_order"]


@in_batches(50)
def create_order(batch: Sequence[Envelope[CreateOrder]]) -> list[OrderView | Refused | None]:
    """Create each order at most once per order id, cart and checkout, confirmed at once unless something holds it.

    A repeat changes nothing, answers with the order that is there and says OrderCreated again, so that whoever waits for it
    hears it; a caller who asks for other terms is refused. Raises ``Invalid`` when lines, discount and total do not add up,
    and ``Refused`` for a checkout that has turned back: a command that was called back must not come to life again.
    """
    for envelope in batch:
        check_sums(envelope.message)
    drafts = draft_all(batch)
    new = insert(drafts)
    announce(new)
    orders = {draft.envelope.id: draft.order for draft in new}
    there = _already_there([draft for draft in drafts if draft.envelope.id not in orders])
    return [
        _answer_again(envelope, there[envelope.id]) if envelope.id in there else _answer(envelope, orders[envelope.id])
        for envelope in batch
    ]


def _already_there(repeats: Sequence[Draft]) -> dict[UUID, Order]:
    """The order each of these found in its place, by the id of the command."""
    if not repeats:
        return {}
    there = Order.objects.prefetch_related("lines").filter(
        Q(id__in=[draft.order.id for draft in repeats])
        | Q(cart_id__in=[draft.order.cart_id for draft in repeats])
        | Q(checkout_session_id__in=[draft.order.checkout_session_id for draft in repeats if draft.order.checkout_session_id])
    )
    found = {key: order for order in there for key in (order.id, order.cart_id, order.checkout_session_id)}
    orders = {}
    for draft in repeats:
        order = _of(draft, found)
        publish(order_created(order, list(order.lines.all())), cause=draft.envelope)
        orders[draft.envelope.id] = order
    return orders


def _of(draft: Draft, found: dict[UUID | None, Order]) -> Order:
    wanted = draft.order
    for key in (wanted.id, wanted.cart_id, wanted.checkout_session_id):
        if key is not None and key in found:
            return found[key]
    raise RuntimeError(f"{wanted.confirmation_number} is taken: was CONFIRMATION_NUMBER_KEY changed?")


def _answer(envelope: Envelope[CreateOrder], order: Order) -> OrderView | None:
    """Only a caller that waits needs an answer; mail has none to give it to."""
    return order_view(order) if envelope.awaited else None


def _answer_again(envelope: Envelope[CreateOrder], order: Order) -> OrderView | Refused | None:
    if envelope.awaited and not _same_terms(envelope.message, order):
        data = {"orderId": str(order.id)}
        return Refused("order_exists", "There is an order for this cart already, with other terms.", data=data)
    return _answer(envelope, order)


def _same_terms(command: CreateOrder, order: Order) -> bool:
    wanted = sorted((item.product_id, item.quantity, item.unit_price) for item in command.items)
    given = sorted((line.product_id, line.quantity, line.unit_price) for line in order.lines.all())
    asked = (command.customer_id, command.total, command.currency, wanted)
    return asked == (order.customer_id, order.total, order.currency, given)


def place_order_hold(command: PlaceOrderHold) -> HoldView | None:
    """Stop an order that is not being fulfilled yet. One open hold per reason: a repeat answers with the one that is there.

    A department's wish to hold an order that has ended meanwhile is moot. Raises ``Missing``, ``Invalid`` for a review time
    that has passed, and ``Refused`` once fulfilment has begun.
    """
    return holding.place(command)


def release_order_hold(command: ReleaseOrderHold) -> HoldView:
    """Close one hold; the order goes on when it was the last open one. Releasing twice changes nothing.

    Raises ``Missing`` for a hold that this order does not have.
    """
    return holding.release(command)


def cancel_order(command: CancelOrder) -> OrderView:
    """Cancel an order that is not being fulfilled yet; its holds are closed with it. Cancelling twice changes nothing.

    Stock, money and picking follow, each by its own department. Raises ``Missing``, or ``Refused`` once fulfilment has begun.
    """
    return order_view(ending.cancel(command))


def amend_order(command: AmendOrder) -> AmendmentView:
    """Keep a change of an order that is not being fulfilled yet, and have stock and money asked for it.

    Raises ``Missing``, ``Invalid`` for what makes no sense, and ``Refused`` when it is too late or another change is open.
    """
    return amending.request(command)


def preview_order_amendment(command: PreviewOrderAmendment) -> AmendmentPreview:
    """What changes would cost. Raises ``Missing``, ``Invalid`` or ``Refused``."""
    return amending.preview(PreviewAmendment(order_id=command.order_id, changes=command.changes))


def apply_amendment(command: ApplyAmendment) -> None:
    """Stock and money are there: change the order. Publishes ``OrderAmended``, for a repeat again, or ``AmendmentRefused``."""
    amending.apply(command)


@in_batches(50)
def close_amendment_when_rejected(batch: Sequence[Envelope[OrderAmendmentRejected]]) -> None:
    """The changes were not possible: say why, and let others be asked for."""
    amending.close(batch)


def change_delivery_address(command: ChangeDeliveryAddress) -> OrderView:
    """Send an order somewhere else, as long as no carrier has it. The same address again changes nothing.

    Raises ``Missing``, ``Invalid`` for an address that cannot be delivered to, and ``Refused`` when it is too late.
    """
    return order_view(readdressing.change(command))


@in_batches(50)
def note_shipment_when_created(batch: Sequence[Envelope[ShipmentCreated]]) -> None:
    """A carrier has the orders: their address is fixed."""
    readdressing.note_shipments(batch)


@in_batches(50)
def free_address_when_shipment_failed(batch: Sequence[Envelope[ShipmentFailed]]) -> None:
    """No carrier brings them any more: their address may be corrected before they are sent again."""
    readdressing.forget_shipments(batch)


def archive_orders(command: ArchiveOrders) -> None:
    """Have finished orders put away whose retention is over."""
    archiving.send_due(command.limit)


def set_legal_hold(command: SetLegalHold) -> OrderView:
    """Keep an order whatever its retention says, or no longer. Raises ``Missing`` or ``Refused``."""
    return order_view(archiving.set_legal_hold(command))


@in_batches(50)
def complete_order_when_shipment_delivered(batch: Sequence[Envelope[ShipmentDelivered]]) -> None:
    """The customers have their goods: their orders are complete."""
    ending.complete(batch)


@in_batches(50)
def give_up_order_when_undeliverable(batch: Sequence[Envelope[OrderUndeliverable]]) -> None:
    """Nothing will arrive: the orders end."""
    ending.give_up(batch)


@in_batches(50)
def reduce_order_when_short_pick_accepted(batch: Sequence[Envelope[ShortPickAccepted]]) -> None:
    """The orders go out without what was missing, and its money goes back."""
    for envelope in sorted(batch, key=lambda each: each.message.order_id):
        reducing.reduce(envelope)


@in_batches(50)
def await_fulfilment_when_payment_succeeded(batch: Sequence[Envelope[PaymentSucceeded]]) -> None:
    """The money is ours: the orders wait for the warehouse, unless somebody holds them."""
    paying.note_payments(batch)


def release_orders(command: ReleaseOrders) -> None:
    """Hand waiting orders to the warehouse, one chunk per transaction; a full chunk asks for the next."""
    limit = command.limit or settings.ORDER_RELEASE_BATCH
    if releasing.release_due(limit, origin()) == limit:
        send(command)


def release_order(command: ReleaseOrder) -> OrderView:
    """Hand one waiting order to the warehouse at once. Raises ``Missing`` or ``Refused``."""
    return order_view(releasing.release_now(command.order_id, command.reason or "", origin()))
