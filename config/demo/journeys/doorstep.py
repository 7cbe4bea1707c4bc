"""To the doorstep; and what becomes of a parcel that does not get there."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from config.demo.journeys.journey import Journey, Look
from config.demo.results import Facts
from config.demo.shopping import Posted
from config.demo.stage import Stage
from config.demo.warehouse import give_up, send
from fulfilment.shipping.models import Shipment

BREAD_BIN, TEA_SET = 15_731, 16_843


def delivered(stage: Stage) -> Look:
    """Released, picked, packed in two parcels, handed to the carrier; its webhooks say the rest."""
    posted, order_id = _bought(stage, "Bread bin", BREAD_BIN)
    shipment = send(stage, order_id, parcels=2)
    for status in ("in_transit", "delivered"):
        stage.control.advance_shipment(str(shipment.carrier_shipment_id), status, signed_by="A. Neighbour")
    return lambda: stage.observe(posted, lambda: _at_the_carrier(stage, order_id))


def lost(stage: Stage) -> Look:
    """The carrier loses it; an operator gives it up, and the money goes back."""
    posted, order_id = _bought(stage, "Tea set", TEA_SET)
    shipment = send(stage, order_id, parcels=1)
    stage.control.advance_shipment(str(shipment.carrier_shipment_id), "failed", reason="LOST")
    stage.until(lambda: Shipment.objects.filter(pk=shipment.pk, status="FAILED").exists(), 15)
    give_up(shipment.pk)
    return lambda: stage.observe(posted, lambda: {**_at_the_carrier(stage, order_id), "refunded": _refunded(stage, order_id)})


def _bought(stage: Stage, name: str, price: int) -> tuple[list[Posted], UUID]:
    product = stage.product(name, price=price, stock=1)
    posted = stage.check_out(stage.baskets(stage.some(1), lambda: [(product, 1)]))
    (view,) = stage.ends(posted)
    return posted, UUID(view["orderId"])


def _at_the_carrier(stage: Stage, order_id: UUID) -> Facts:
    """The carrier's own ledger: how many shipments it has of this order, by state."""
    ours = [one for one in stage.control.ledger("carrier")["shipments"] if one["orderId"] == str(order_id)]
    return {f"parcels {one['status']}": len(one["parcels"]) for one in ours} if len(ours) == 1 else {"bookings": len(ours)}


def _refunded(stage: Stage, order_id: UUID) -> int:
    """How many refunds the provider has made for this order."""
    ledger: dict[str, Any] = stage.control.ledger("stripe")
    intents = {one["id"] for one in ledger["intents"] if one["metadata"].get("order_id") == str(order_id)}
    return sum(refund["payment_intent"] in intents and refund["status"] == "succeeded" for refund in ledger["refunds"])


JOURNEYS: Final = (
    Journey(
        name="to the doorstep in two parcels",
        expected={"completed": 1, "charged once": 1, "parcels delivered": 2},
        orders=1,
        play=delivered,
    ),
    Journey(
        name="a parcel is lost",
        expected={"cancelled": 1, "charged once": 1, "parcels failed": 1, "refunded": 1},
        orders=1,
        play=lost,
    ),
)
