"""The stock of an order that will not be fulfilled can be promised to others, whatever its reservation has become meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from fulfilment.inventory.models import Reservation
from fulfilment.inventory.states import ReleaseReason, ReservationStatus
from shop.contracts.fulfilment import ReleaseInventory
from shop.contracts.ordering import GetOrdersForFulfilment
from shop.messaging.bus import ask, send
from shop.messaging.envelope import Envelope

OVER = (ReservationStatus.EXPIRED, ReservationStatus.RELEASED)


def let_go(causes: Mapping[UUID, Envelope[Any]]) -> None:
    """Have what these orders still hold released. One whose time was up is marked, so that it is not taken again for them."""
    orders = ask(GetOrdersForFulfilment(order_ids=list(causes))).orders
    owners = {order.reservation_id: order.order_id for order in orders if order.reservation_id}
    theirs = Reservation.objects.filter(Q(order_id__in=list(causes)) | Q(id__in=list(owners)))
    unclaimed = []
    for reservation in theirs.order_by("id").select_for_update():
        order_id = reservation.order_id if reservation.order_id in causes else owners[reservation.id]
        assert order_id is not None
        cause = causes[order_id]
        if reservation.status == ReservationStatus.HELD:
            send(ReleaseInventory(reservation_id=reservation.id, reason="ORDER_CANCELLED"), cause=cause)
        elif reservation.status in OVER and not reservation.order_bound:
            unclaimed.append(reservation.id)
    Reservation.objects.filter(id__in=unclaimed).update(release_reason=ReleaseReason.ORDER_CANCELLED)
