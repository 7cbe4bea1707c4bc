"""Placing and releasing holds: the order's row is locked first, so two hands on one order take turns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django_fsm import TransitionNotAllowed

from ordering.orders.facts import hold_released, order_confirmed, placed_on_hold
from ordering.orders.models import Order, OrderHold
from ordering.orders.moving import Moves
from ordering.orders.paying import money_is_settled
from ordering.orders.states import ENDED, LifecycleStatus
from shop.contracts.ordering import HoldView, PlaceOrderHold, ReleaseOrderHold
from shop.messaging.audit import record_action
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope, Origin
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.outgoing import current_unit
from shop.messaging.sets import fetch_rows


def place(command: PlaceOrderHold) -> HoldView | None:
    """The handler's work; see ``handlers.place_order_hold``."""
    moves = Moves.lock([command.order_id])
    order = moves.the(command.order_id)
    there = order.holds.filter(reason=command.reason, released_at__isnull=True).first()
    if there is not None:
        return _view(order, there)
    cause = _cause()
    if order.lifecycle_status in ENDED and isinstance(cause, Envelope) and cause.delivery_id is not None:
        return None  # a department's wish that came too late to matter
    now = _locked_at()
    if command.review_by <= now:
        raise Invalid("review_by_has_passed", "A hold needs a review time that is still to come.")
    previous = str(order.lifecycle_status)
    if order.lifecycle_status != LifecycleStatus.ON_HOLD:
        _stop(moves, order, command.reason, cause)
    hold = OrderHold.objects.create(
        order=order,
        reason=command.reason,
        owner_team=command.owner_team,
        customer_message=command.customer_message or "",
        review_by=command.review_by,
        placed_at=now,
        placed_by=cause.actor,
    )
    publish(placed_on_hold(hold))
    moves.touch(order)
    moves.write()
    _audit("order.hold", order, previous, f"{command.reason} for {command.owner_team}")
    return _view(order, hold)


def release(command: ReleaseOrderHold) -> HoldView:
    """The handler's work; see ``handlers.release_order_hold``."""
    moves = Moves.lock([command.order_id])
    order = moves.the(command.order_id)
    hold = order.holds.filter(pk=command.hold_id).first()
    if hold is None:
        raise Missing("hold_not_found", "This order has no such hold.")
    if hold.released_at is not None:
        return _view(order, hold)
    hold.released_at, hold.released_by, hold.resolution = moves.at, _cause().actor, command.resolution
    hold.save(update_fields=["released_at", "released_by", "resolution"])
    previous = str(order.lifecycle_status)
    last = not order.holds.filter(released_at__isnull=True).exists()
    if last and order.lifecycle_status == LifecycleStatus.ON_HOLD:
        _go_on(moves, order, hold)
    moves.touch(order)
    moves.write()
    _audit("order.release", order, previous, command.resolution)
    return _view(order, hold)


def _locked_at() -> datetime:
    """The time at which the order's row was ours, which may be long after this transaction began."""
    at: datetime = fetch_rows("SELECT clock_timestamp()")[0][0]
    return at


def _stop(moves: Moves, order: Order, reason: str, cause: Envelope[Any] | Origin) -> None:
    try:
        moves.take(order, order.hold, reason, cause)
    except TransitionNotAllowed:
        raise Refused("too_late_to_hold", f"An order that is {order.lifecycle_status} cannot be held any more.") from None


def _go_on(moves: Moves, order: Order, hold: OrderHold) -> None:
    """On to the warehouse, if its money is settled; else its payment is captured now."""
    first_time = order.confirmed_at is None
    if first_time or not money_is_settled(order):
        moves.take(order, lambda: order.confirm(moves.at), hold.resolution, _cause())
    if money_is_settled(order):
        moves.take(order, lambda: order.await_fulfilment(moves.at), hold.resolution, _cause())
    publish(hold_released(hold, str(order.lifecycle_status)))
    if first_time:
        publish(order_confirmed(order))


def _audit(verb: str, order: Order, previous: str, reason: str) -> None:
    if _cause().actor.startswith("staff:"):
        record_action(
            verb=verb,
            target_type=order._meta.label_lower,
            target_id=order.pk,
            reason=reason,
            before={"lifecycle_status": previous},
            after={"lifecycle_status": str(order.lifecycle_status)},
        )


def _cause() -> Envelope[Any] | Origin:
    cause = current_unit().cause
    assert cause is not None
    return cause


def _view(order: Order, hold: OrderHold) -> HoldView:
    return HoldView.model_validate(
        {
            "order_id": order.id,
            "hold_id": hold.id,
            "reason": str(hold.reason),
            "lifecycle_status": str(order.lifecycle_status),
        }
    )
