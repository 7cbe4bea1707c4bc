"""What ordering holds about a customer, what is still under way, and what is left of it after an erasure.

An order under a legal hold is evidence and stays as it is. Kept of every other one, because the law
wants the books to be kept: what was bought, for how much, when, under which number, and the country it went
to (the tax on it depends on that). Gone: the name and the address. The customer's id stays; it says nothing any more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from ordering.checkout.models import CheckoutSession
from ordering.orders.models import Order, OrderAdjustment
from ordering.orders.states import ENDED, LifecycleStatus
from shop.contracts.addresses import Address
from shop.contracts.messaging import RedactMessages
from shop.contracts.ordering.orders import OrderItem
from shop.contracts.personal_data import (
    CustomerErased,
    ForgetOrders,
    GetOpenBusiness,
    GetOrdersOfCustomer,
    OpenBusiness,
    OrderOfCustomer,
    OrderPseudonymised,
    OrdersOfCustomer,
)
from shop.contracts.redaction import redacted, without_personal
from shop.contracts.shopping import CartCheckedOut
from shop.messaging.bus import publish, send
from shop.messaging.sets import fetch_rows, update_rows

REASON: Final = "Erasure of personal data"
CHUNK: Final = 100
MOST_TOLD: Final = 200
FIRST: Final = UUID(int=0)
SESSION_OVER: Final = ("COMPLETED", "ABORTED")

UNHEARD_OF: Final = """
    SELECT s FROM unnest(%s::uuid[]) AS s WHERE NOT EXISTS (SELECT 1 FROM ordering_checkoutsession c WHERE c.id = s)
"""
SESSIONS: Final = """
    SELECT id, opening FROM ordering_checkoutsession
    WHERE customer_id = %s AND id > %s ORDER BY id LIMIT %s FOR NO KEY UPDATE
"""


def get_orders_of_customer(query: GetOrdersOfCustomer) -> OrdersOfCustomer:
    """A page of orders as they are, with where they go."""
    rows = Order.objects.filter(customer_id=query.customer_id, pk__gt=query.after or FIRST)
    orders = rows.prefetch_related("lines").order_by("pk")[: min(query.limit, MOST_TOLD)]
    return OrdersOfCustomer(orders=[_told(order) for order in orders])


def get_open_business(query: GetOpenBusiness) -> OpenBusiness:
    """Orders that have not ended, runs that are not over, and checkouts whose mail has not come yet."""
    orders = Order.objects.filter(customer_id=query.customer_id).exclude(lifecycle_status__in=ENDED)
    sessions = CheckoutSession.objects.filter(customer_id=query.customer_id).exclude(state__in=SESSION_OVER)
    unheard = [session for (session,) in fetch_rows(UNHEARD_OF, [query.checkout_session_ids])]
    open_sessions = [*sessions.values_list("pk", flat=True)[:MOST_TOLD], *unheard]
    return OpenBusiness(
        order_ids=list(orders.values_list("pk", flat=True)[:MOST_TOLD]), checkout_session_ids=open_sessions[:MOST_TOLD]
    )


def forget_orders_when_customer_erased(event: CustomerErased) -> None:
    """Begin with the first of the customer's orders."""
    send(ForgetOrders(customer_id=event.customer_id))


def forget_orders(command: ForgetOrders) -> None:
    """Pseudonymise one chunk of orders and checkouts and have their messages redacted; asks itself for the next chunk."""
    after = command.after or FIRST
    orders = list(_locked_orders(command.customer_id, after))
    sessions = fetch_rows(SESSIONS, [command.customer_id, after, CHUNK])
    if not orders and not sessions:
        return
    _pseudonymise(orders)
    _without_address(sessions)
    send(
        RedactMessages(
            customer_id=command.customer_id,
            keys=[str(order.pk) for order in orders],
            correlation_ids=[session_id for session_id, _ in sessions],
            reason=REASON,
        )
    )
    if len(orders) == CHUNK or len(sessions) == CHUNK:
        send(ForgetOrders(customer_id=command.customer_id, after=_reached(orders, sessions)))


def _locked_orders(customer_id: UUID, after: UUID) -> Any:
    rows = Order.objects.select_for_update(no_key=True).filter(customer_id=customer_id, pk__gt=after, legal_hold=False)
    return rows.order_by("pk")[:CHUNK]


def _reached(orders: Sequence[Order], sessions: Sequence[tuple[UUID, str]]) -> UUID:
    """Up to where both have been seen: whichever chunk was full may have more just behind its end."""
    ends = [orders[-1].pk] if len(orders) == CHUNK else []
    ends += [sessions[-1][0]] if len(sessions) == CHUNK else []
    return min(ends)


def _pseudonymise(orders: Sequence[Order]) -> None:
    ((now,),) = fetch_rows("SELECT now()")
    for order in orders:
        publish(OrderPseudonymised(event_id=uuid7(), occurred_at=now, order_id=order.pk, customer_id=order.customer_id))
    rows = [
        (order.pk, json.dumps(redacted(Address, order.delivery_address)))
        for order in orders
        if order.delivery_address is not None
    ]
    update_rows(Order._meta.db_table, ("id", "uuid"), (("delivery_address", "jsonb"),), rows)
    changes = OrderAdjustment.objects.select_for_update(no_key=True).filter(order__in=[order.pk for order in orders])
    asked = [(change.pk, json.dumps(without_personal(change.changes))) for change in changes.order_by("pk")]
    update_rows(OrderAdjustment._meta.db_table, ("id", "uuid"), (("changes", "jsonb"),), asked)


def _without_address(sessions: Sequence[tuple[UUID, str]]) -> None:
    rows = [(session_id, json.dumps(redacted(CartCheckedOut, json.loads(opening)))) for session_id, opening in sessions]
    update_rows(CheckoutSession._meta.db_table, ("id", "uuid"), (("opening", "text"),), rows)


def _told(order: Order) -> OrderOfCustomer:
    return OrderOfCustomer.read_data(
        {
            "orderId": order.pk,
            "confirmationNumber": order.confirmation_number,
            "lifecycleStatus": str(LifecycleStatus(order.lifecycle_status)),
            "items": [_item(line).data() for line in order.lines.all()],
            "subtotal": order.subtotal,
            "discount": order.discount,
            "total": order.total,
            "currency": order.currency,
            "createdAt": order.created_at.isoformat(),
            **({"deliveryAddress": order.delivery_address} if order.delivery_address else {}),
        }
    )


def _item(line: Any) -> OrderItem:
    return OrderItem(
        product_id=line.product_id, quantity=line.quantity, unit_price=line.unit_price, sku=line.sku, name=line.name or None
    )
