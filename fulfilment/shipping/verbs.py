"""What an operator can do to shipments and to the carrier's webhooks. What leaves the process goes by mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from fulfilment.shipping.models import CarrierWebhook, Shipment
from fulfilment.shipping.states import TRAVELS_AGAIN, ShipmentStatus, WebhookStatus
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.fulfilment import (
    GiveUpShipment,
    HandOverOrder,
    MarkShipmentLost,
    ReceiveCarrierWebhook,
    RedeliverShipment,
    ReplaceShipment,
    RetryBooking,
    TrackShipment,
)


class ShipmentVerb(CommandVerb):
    """A verb on one shipment."""

    bulk: ClassVar[bool] = False

    def snapshot(self, row: Shipment) -> dict[str, Any]:
        return {"status": row.status, "resolution": row.resolution, "try": row.booking_try}


class Ask(ShipmentVerb):
    """Ask the carrier how it stands."""

    name, label, icon, bulk, by_mail = "ask", "Ask the carrier", "sync", True, True
    meaning = "Asks the carrier what it has under our reference. Nothing is booked by asking."

    def refusal(self, row: Shipment) -> str:
        return "" if row.carrier_shipment_id else "No carrier has it."

    def command(self, row: Shipment, given: Mapping[str, Any]) -> Command:
        return TrackShipment(shipment_id=row.pk)


class Retry(ShipmentVerb):
    """Book it again."""

    name, label, icon, tone, bulk = "retry", "Book again", "replay", "good", True
    meaning = "Asks the carrier again for what it refused. A new address does this by itself."

    def refusal(self, row: Shipment) -> str:
        return "" if row.refused_at else "The carrier has not refused it."

    def command(self, row: Shipment, given: Mapping[str, Any]) -> Command:
        return RetryBooking(shipment_id=row.pk)

    def sentence(self, row: Shipment, answer: Any) -> str:
        return "the carrier is asked now."


class Undecided(ShipmentVerb):
    """A decision about a failed shipment."""

    def refusal(self, row: Shipment) -> str:
        if row.status != ShipmentStatus.FAILED:
            return f"It is {row.get_status_display().lower()}: it has not failed."
        return f"It was decided already: {row.get_resolution_display().lower()}." if row.resolution else ""


class Redeliver(Undecided):
    """The same parcels once more."""

    name, label, icon, tone = "redeliver", "Send again", "local_shipping", "good"
    meaning = "The same parcels travel again, to where the order goes by now: a new shipment with a booking of its own."

    def refusal(self, row: Shipment) -> str:
        gone = "" if row.failure_reason in TRAVELS_AGAIN else "The goods are gone: replace it instead."
        return super().refusal(row) or gone

    def command(self, row: Shipment, given: Mapping[str, Any]) -> Command:
        return RedeliverShipment(shipment_id=row.pk)

    def sentence(self, row: Shipment, answer: Any) -> str:
        return f"shipment {answer.shipment_id} is being booked."


class Replace(Undecided):
    """The same goods once more."""

    name, label, icon, tone = "replace", "Replace", "restart_alt", "good"
    meaning = "The same goods are reserved and picked again. Refused when there is not enough stock."

    def command(self, row: Shipment, given: Mapping[str, Any]) -> Command:
        return ReplaceShipment(shipment_id=row.pk)

    def sentence(self, row: Shipment, answer: Any) -> str:
        return "the goods are reserved and wait to be picked."


class MarkLost(ShipmentVerb):
    """Nobody expects it any more."""

    name, label, icon, tone, bulk = "lost", "Mark lost", "location_off", "bad", True
    meaning = "Counts it as lost, so that it can be replaced or given up. If it turns up before that, it is delivered."

    def refusal(self, row: Shipment) -> str:
        under_way = row.status == ShipmentStatus.CREATED and not row.is_collected
        return "" if under_way else "Only what a carrier has under way can get lost."

    def command(self, row: Shipment, given: Mapping[str, Any]) -> Command:
        return MarkShipmentLost(shipment_id=row.pk)

    def sentence(self, row: Shipment, answer: Any) -> str:
        return "lost; decide what happens next."


class GiveUp(ShipmentVerb):
    """Nobody tries again."""

    name, label, icon, tone = "give-up", "Give up", "currency_exchange", "bad"
    meaning = "Nobody tries again: the order ends and all of its money goes back."

    def codename(self, model: Any) -> str:
        return f"giveup_{model._meta.model_name}"

    def refusal(self, row: Shipment) -> str:
        if row.may_be_booked:
            return "The carrier may have booked it: its answer has to come first."
        if row.status == ShipmentStatus.CREATED and not row.is_collected:
            return "It is on its way: mark it lost first."
        over = row.status == ShipmentStatus.DELIVERED or bool(row.resolution)
        return "It is over." if over else ""

    def command(self, row: Shipment, given: Mapping[str, Any]) -> Command:
        return GiveUpShipment(shipment_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: Shipment, answer: Any) -> str:
        return "given up; orders and payments do the rest. Receive into stock what came back."


class HandOverForm(ReasonForm):
    """To whom."""

    collected_by = forms.CharField(label="Collected by", max_length=200, widget=UnfoldAdminTextInputWidget)
    field_order = ("collected_by", "reason")


class HandOver(ShipmentVerb):
    """The customer has it."""

    name, label, icon, tone = "hand-over", "Hand over", "storefront", "good"
    meaning = "The customer has collected it at the counter: it is delivered."
    form = HandOverForm

    def codename(self, model: Any) -> str:
        return f"handover_{model._meta.model_name}"

    def refusal(self, row: Shipment) -> str:
        if not row.is_collected:
            return "A carrier brings this one."
        return "" if row.status == ShipmentStatus.CREATED else f"It is {row.get_status_display().lower()}."

    def command(self, row: Shipment, given: Mapping[str, Any]) -> Command:
        return HandOverOrder(shipment_id=row.pk, collected_by=given["collected_by"])

    def sentence(self, row: Shipment, answer: Any) -> str:
        return "handed over."


class Reprocess(CommandVerb):
    """Work on a webhook again."""

    name, label, icon, tone = "reprocess", "Reprocess", "replay", "good"
    meaning = "Works on the stored webhook again. The same event has its effect once."

    def refusal(self, row: CarrierWebhook) -> str:
        waiting = row.status in {WebhookStatus.PARKED, WebhookStatus.RECEIVED}
        return "" if waiting else f"It was worked on: {row.get_status_display().lower()}."

    def command(self, row: CarrierWebhook, given: Mapping[str, Any]) -> Command:
        return ReceiveCarrierWebhook(inbox_id=row.pk)

    def sentence(self, row: CarrierWebhook, answer: Any) -> str:
        return CarrierWebhook.objects.get(pk=row.pk).did or "worked on."


SHIPMENT_VERBS = (HandOver(), Ask(), Retry(), Redeliver(), Replace(), MarkLost(), GiveUp())
WEBHOOK_VERBS = (Reprocess(),)
