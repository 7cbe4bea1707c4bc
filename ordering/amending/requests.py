"""The commands of the amendment saga, built from its run, and what its replies mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ordering.amending.models import AmendmentRun
from shop.contracts.fulfilment.adjusting import AdjustReservation, ReservationNotAdjusted, RevertReservation
from shop.contracts.ordering.amending import AmendmentRefused, ApplyAmendment, OrderAmendmentRequested
from shop.contracts.payments import AuthorizeDifference, DifferenceAuthorized, DifferenceDeclined, VoidDifference
from shop.messaging.saga.declaration import Failed


def opening(run: AmendmentRun) -> OrderAmendmentRequested:
    """What the change needs, as it was asked for."""
    return OrderAmendmentRequested.read(run.opening)


def adjust_reservation(run: AmendmentRun) -> AdjustReservation:
    """Everything the order has or will have: what it will not need is let go when it is changed, so undoing only lets go."""
    event = opening(run)
    return AdjustReservation(
        reservation_id=event.reservation_id or event.order_id,
        order_id=event.order_id,
        change_id=run.id,
        items=event.items,
    )


def revert_reservation(run: AmendmentRun) -> RevertReservation:
    """Back to what the order has."""
    event = opening(run)
    return RevertReservation(
        reservation_id=event.reservation_id or event.order_id,
        order_id=event.order_id,
        change_id=run.id,
        items=event.previous_items,
    )


def authorize_difference(run: AmendmentRun) -> AuthorizeDifference:
    """What the order will cost more; nothing is a question that is answered at once."""
    event = opening(run)
    return AuthorizeDifference(
        order_id=event.order_id,
        change_id=run.id,
        payment_id=event.payment_id,
        amount=event.difference,
        currency=event.currency,
    )


def void_difference(run: AmendmentRun) -> VoidDifference:
    """Also for a payment that may never have come about."""
    event = opening(run)
    return VoidDifference(order_id=event.order_id, change_id=run.id, payment_id=event.payment_id)


def apply_amendment(run: AmendmentRun) -> ApplyAmendment:
    """Change the order, and look at it first where the fraud check asks for that."""
    return ApplyAmendment(change_id=run.id, order_id=run.order_id, fraud_verdict=run.facts.get("fraud_verdict"))


def verdict(run: AmendmentRun, reply: DifferenceAuthorized) -> Mapping[str, Any]:
    """What the fraud check said."""
    return {"fraud_verdict": reply.fraud_verdict}


def not_in_stock(reply: ReservationNotAdjusted) -> Failed:
    """Which products fall short by how much, in a sentence."""
    short = ", ".join(f"{item.available} of {item.requested}" for item in reply.unavailable_items)
    gone = "Its reservation holds nothing any more."
    return Failed("OUT_OF_STOCK", f"Not enough in stock: {short} available." if short else gone)


def not_paid(reply: DifferenceDeclined) -> Failed:
    """What the provider said."""
    return Failed("PAYMENT_DECLINED", f"The difference could not be charged: {reply.message}")


def moved_on(reply: AmendmentRefused) -> Failed:
    """Why the order cannot be changed any more."""
    return Failed("ORDER_MOVED_ON", reply.problem)
