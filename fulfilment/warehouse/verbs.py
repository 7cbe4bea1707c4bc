"""What a picker, and whoever decides about what is missing, can do to a picking job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from fulfilment.warehouse.models import PickingJob, PickingLine
from fulfilment.warehouse.states import UNDER_WAY, PickingStatus
from shop.console.terms import read_term
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.fields import MOST_PARCELS
from shop.contracts.fulfilment import (
    AcceptShortPick,
    FindMissing,
    GiveUpPicking,
    PackOrder,
    PickAllLines,
    PickLine,
    StartPicking,
)


class PickingVerb(CommandVerb):
    """A verb on one job."""

    bulk: ClassVar[bool] = False
    in_state: ClassVar[PickingStatus] = PickingStatus.PICKING

    def refusal(self, row: PickingJob) -> str:
        return "" if row.status == self.in_state else f"It is “{row.get_status_display()}”."

    def snapshot(self, row: PickingJob) -> dict[str, Any]:
        lines = PickingLine.objects.filter(job=row)
        picked = ", ".join(f"{line.position}: {line.picked}/{line.quantity}" for line in lines.order_by("position"))
        return {"status": row.status, "picked": picked, "parcels": row.parcel_count}


class Start(PickingVerb):
    """Take it."""

    name, label, icon, tone, bulk = "start", "Start", "play_arrow", "good", True
    meaning = "You pick it from now on. Its order is looked at once more, and stock that is not reserved is reserved."
    in_state = PickingStatus.CREATED

    def command(self, row: PickingJob, given: Mapping[str, Any]) -> Command:
        return StartPicking(picking_job_id=row.pk)

    def sentence(self, row: PickingJob, answer: Any) -> str:
        return f"yours; {sum(line.quantity for line in answer.lines)} pieces to pick."


class LineForm(ReasonForm):
    """Which line, and how much of it."""

    line = forms.TypedChoiceField(label="Line", coerce=int, widget=UnfoldAdminSelectWidget)
    picked = forms.IntegerField(label="Picked", min_value=0, widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}))
    missing = forms.IntegerField(
        label="Not found",
        min_value=0,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text="Looked for and not found. A person decides whether the order goes without it.",
    )
    field_order = ("line", "picked", "missing", "reason")


class Pick(PickingVerb):
    """One line."""

    name, label, icon = "pick", "Pick a line", "check"
    meaning = "Sets how much of one line is picked by now, and how much of it could not be found."
    form = LineForm

    def build_form(self, data: Any, row: PickingJob | None, request: HttpRequest) -> forms.Form:
        form = super().build_form(data, row, request)
        chosen: Any = form.fields["line"]
        lines = PickingLine.objects.filter(job_id=row.pk if row else _seen(request)).order_by("position")
        chosen.choices = [(line.position, f"{line.position}. {line.sku} {line.name}: {_so_far(line)}") for line in lines]
        return form

    def command(self, row: PickingJob, given: Mapping[str, Any]) -> Command:
        return PickLine(picking_job_id=row.pk, position=given["line"], picked=given["picked"], missing=given["missing"] or 0)

    def sentence(self, row: PickingJob, answer: Any) -> str:
        return still_to_pick(answer)


class PickAll(PickingVerb):
    """Everything."""

    name, label, icon, tone, bulk = "pick-all", "Pick all", "done_all", "good", True
    meaning = "Everything of it is picked but for what was reported missing."

    def codename(self, model: Any) -> str:
        return f"pick_{model._meta.model_name}"

    def command(self, row: PickingJob, given: Mapping[str, Any]) -> Command:
        return PickAllLines(picking_job_id=row.pk)

    def sentence(self, row: PickingJob, answer: Any) -> str:
        return still_to_pick(answer)


class ShortVerb(PickingVerb):
    """A decision about what is missing."""

    def refusal(self, row: PickingJob) -> str:
        return super().refusal(row) or ("" if row.short_since else "Nothing is missing.")


class Found(ShortVerb):
    """It is there after all."""

    name, label, icon = "found", "Found it", "search_check"
    meaning = "What was missing has turned up and is to be picked after all."

    def codename(self, model: Any) -> str:
        return f"pick_{model._meta.model_name}"

    def command(self, row: PickingJob, given: Mapping[str, Any]) -> Command:
        return FindMissing(picking_job_id=row.pk)

    def sentence(self, row: PickingJob, answer: Any) -> str:
        return still_to_pick(answer)


class ShipWithout(ShortVerb):
    """The order goes without it."""

    name, label, icon, tone = "ship-without", "Ship without it", "production_quantity_limits", "bad"
    meaning = "The order goes out without what is missing: those pieces are written off, and the customer gets their money back."

    def codename(self, model: Any) -> str:
        return f"short_{model._meta.model_name}"

    def command(self, row: PickingJob, given: Mapping[str, Any]) -> Command:
        return AcceptShortPick(picking_job_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: PickingJob, answer: Any) -> str:
        return "the rest goes out; what was missing is written off and on the list to be counted."


class GiveUp(PickingVerb):
    """Nothing of it is sent."""

    name, label, icon, tone = "give-up", "Give up", "block", "bad"
    meaning = "Nothing of the order is sent: the job ends, its stock is free again, and all of the money goes back."

    def refusal(self, row: PickingJob) -> str:
        return "" if row.status in UNDER_WAY else f"It is “{row.get_status_display()}”."

    def codename(self, model: Any) -> str:
        return f"giveup_{model._meta.model_name}"

    def command(self, row: PickingJob, given: Mapping[str, Any]) -> Command:
        return GiveUpPicking(picking_job_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: PickingJob, answer: Any) -> str:
        return "given up: put back what is in the basket; orders and payments do the rest."


class PackForm(ReasonForm):
    """In how many parcels."""

    parcels = forms.IntegerField(
        label="Parcels",
        min_value=1,
        max_value=MOST_PARCELS,
        initial=1,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )
    field_order = ("parcels", "reason")


class Pack(PickingVerb):
    """Everything is in its parcels."""

    name, label, icon, tone = "pack", "Pack", "package_2", "good"
    meaning = "Everything is in so many parcels: the goods leave the stock, and the carrier is booked or the customer expected."
    form = PackForm

    def refusal(self, row: PickingJob) -> str:
        return super().refusal(row) or ("Something is missing: decide about it first." if row.short_since else "")

    def command(self, row: PickingJob, given: Mapping[str, Any]) -> Command:
        return PackOrder(picking_job_id=row.pk, parcel_count=given["parcels"])

    def sentence(self, row: PickingJob, answer: Any) -> str:
        where = "it waits for its customer" if row.is_collected else "the carrier is booked now"
        return f"packed in {answer.parcel_count}; {where}."


def still_to_pick(answer: Any) -> str:
    """What is left of a job, in a sentence."""
    left = sum(line.quantity - line.picked - line.missing - line.left_out for line in answer.lines)
    short = " Something is missing: decide about it." if answer.is_short else ""
    return f"{left} pieces to go.{short}" if left else f"everything is looked for.{short}"


def _so_far(line: PickingLine) -> str:
    return f"{line.picked} of {line.quantity}"


def _seen(request: HttpRequest) -> UUID | None:
    """The job whose form was sent."""
    return read_term(request.POST.get("seen", "").partition(":")[0]).uuid


PICKING_VERBS = (Start(), Pick(), PickAll(), Found(), ShipWithout(), Pack(), GiveUp())
