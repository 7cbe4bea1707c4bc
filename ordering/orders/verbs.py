"""What an operator can do to an order: hold it, release a hold, hand it to the warehouse, cancel, refund."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from ordering.orders.amend_verb import Amend
from ordering.orders.models import Order, OrderHold
from ordering.orders.states import BEFORE_FULFILMENT, ENDED, CancelReason, HoldReason, LifecycleStatus
from shop.console.formats import in_minor_units, money
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.addresses import Address
from shop.contracts.base import Command
from shop.contracts.ordering import CancelOrder, ChangeDeliveryAddress, PlaceOrderHold, ReleaseOrder, ReleaseOrderHold
from shop.contracts.ordering.archiving import SetLegalHold
from shop.contracts.payments import RefundOrder

TEAMS = ("operations", "fraud", "support", "warehouse", "finance")


class HoldForm(ReasonForm):
    """What has to be looked at, by whom, until when."""

    look_at = forms.ChoiceField(label="What has to be looked at", choices=HoldReason.choices, widget=UnfoldAdminSelectWidget)
    owner_team = forms.ChoiceField(
        label="Team", choices=[(team, team.capitalize()) for team in TEAMS], widget=UnfoldAdminSelectWidget
    )
    hours = forms.IntegerField(
        label="Review within (hours)", min_value=1, max_value=720, initial=24, widget=UnfoldAdminTextInputWidget
    )
    customer_message = forms.CharField(
        label="What the customer is told", max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    field_order = ("look_at", "owner_team", "hours", "customer_message", "reason")


class Hold(CommandVerb):
    """Stop it until somebody has looked."""

    name, label, icon, tone = "hold", "Hold", "pause", "bad"
    meaning = "Nothing is picked, shipped or captured until every hold is released."
    form = HoldForm

    def refusal(self, row: Order) -> str:
        if row.lifecycle_status in BEFORE_FULFILMENT:
            return ""
        return f"An order that is {row.get_lifecycle_status_display().lower()} cannot be held any more."

    def command(self, row: Order, given: Mapping[str, Any]) -> Command:
        return PlaceOrderHold(
            order_id=row.pk,
            reason=given["look_at"],
            owner_team=given["owner_team"],
            customer_message=given["customer_message"] or None,
            review_by=timezone.now() + timedelta(hours=given["hours"]),
        )

    def chain(self, row: Order) -> UUID | None:
        return row.checkout_session_id

    def sentence(self, row: Order, answer: Any) -> str:
        return f"is held for {answer.reason.replace('_', ' ').lower()}."


class ReleaseForm(ReasonForm):
    """Which hold, and what was found out."""

    hold = forms.ChoiceField(label="Which hold", choices=HoldReason.choices, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label="What was found out",
        max_length=250,
        widget=ReasonForm.base_fields["reason"].widget,
        help_text="Kept with the hold.",
    )
    field_order = ("hold", "reason")


class ReleaseHold(CommandVerb):
    """Close one hold."""

    name, label, icon, tone = "release", "Release hold", "play_arrow", "good"
    meaning = "Closes one hold. The order goes on when it was the last open one; its payment may then be captured."
    form = ReleaseForm
    audited = True

    def refusal(self, row: Any) -> str:
        return "" if open_holds(row) else "It has no open hold."

    def build_form(self, data: Any, row: Order | None, request: HttpRequest) -> forms.Form:
        form = super().build_form(data, row, request)
        if row is not None and (there := open_holds(row)):
            form.fields["hold"].choices = [(hold.reason, hold.get_reason_display()) for hold in there]  # type: ignore[attr-defined]
        return form

    def command(self, row: Order, given: Mapping[str, Any]) -> Command:
        found = next((hold for hold in open_holds(row) if hold.reason == given["hold"]), None)
        return ReleaseOrderHold(order_id=row.pk, hold_id=found.pk if found else UUID(int=0), resolution=str(given["reason"]))

    def chain(self, row: Order) -> UUID | None:
        return row.checkout_session_id

    def sentence(self, row: Order, answer: Any) -> str:
        return f"the hold is released; the order is now {str(answer.lifecycle_status).replace('_', ' ').lower()}."


class ReleaseNow(CommandVerb):
    """Hand it to the warehouse before its time."""

    name, label, icon, tone = "fulfil", "Release now", "local_shipping", "good"
    meaning = "Hands it to the warehouse at once instead of after the grace period. From then on it cannot be cancelled."

    def refusal(self, row: Order) -> str:
        if row.lifecycle_status == LifecycleStatus.AWAITING_FULFILMENT:
            return ""
        return f"It is {row.get_lifecycle_status_display().lower()}: only an order that waits for the warehouse is released."

    def command(self, row: Order, given: Mapping[str, Any]) -> Command:
        return ReleaseOrder(order_id=row.pk, reason=str(given["reason"])[:250])

    def chain(self, row: Order) -> UUID | None:
        return row.checkout_session_id

    def sentence(self, row: Order, answer: Any) -> str:
        return "is with the warehouse now."


class AddressForm(ReasonForm):
    """Where it goes instead."""

    recipient_name = forms.CharField(label="Recipient", max_length=200, widget=UnfoldAdminTextInputWidget)
    line1 = forms.CharField(label="Street", max_length=200, widget=UnfoldAdminTextInputWidget)
    line2 = forms.CharField(label="Second line", max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    postal_code = forms.CharField(label="Postal code", max_length=20, widget=UnfoldAdminTextInputWidget)
    city = forms.CharField(label="City", max_length=200, widget=UnfoldAdminTextInputWidget)
    country_code = forms.RegexField(
        label="Country", regex=r"^[A-Z]{2}$", widget=UnfoldAdminTextInputWidget, help_text="Two letters, for example DE."
    )
    field_order = ("recipient_name", "line1", "line2", "postal_code", "city", "country_code", "reason")


class ChangeAddress(CommandVerb):
    """Send it somewhere else."""

    name, label, icon, bulk = "readdress", "Change address", "edit_location", False
    meaning = "Sends it somewhere else. Possible until a carrier has it; warehouse and shipping hear of it by themselves."
    form = AddressForm

    def refusal(self, row: Order) -> str:
        if row.lifecycle_status in ENDED:
            return f"An order that is {row.get_lifecycle_status_display().lower()} goes nowhere any more."
        return "A carrier has it already." if row.shipped_at else ""

    def initial(self, row: Order | None) -> dict[str, Any]:
        known = Address.read_data(row.delivery_address) if row is not None and row.delivery_address else None
        return known.model_dump(by_alias=False) if known else {}

    def command(self, row: Order, given: Mapping[str, Any]) -> Command:
        address = {name: given[name] for name in AddressForm.field_order if name != "reason" and given[name]}
        return ChangeDeliveryAddress.model_validate({"order_id": row.pk, "delivery_address": address})

    def chain(self, row: Order) -> UUID | None:
        return row.checkout_session_id

    def sentence(self, row: Order, answer: Any) -> str:
        return "it goes to the new address."


class CancelForm(ReasonForm):
    """Which of the published reasons, and in one's own words."""

    because = forms.ChoiceField(label="Because", choices=CancelReason.choices, widget=UnfoldAdminSelectWidget)
    field_order = ("because", "reason")


class Cancel(CommandVerb):
    """End it before its fulfilment."""

    name, label, icon, tone = "cancel", "Cancel", "cancel", "bad"
    meaning = "Ends it for good. Its stock is released and its money voided or refunded, each by itself within seconds."
    form = CancelForm

    def refusal(self, row: Order) -> str:
        if row.lifecycle_status in BEFORE_FULFILMENT:
            return ""
        later = " Refund it instead." if row.lifecycle_status != LifecycleStatus.CANCELLED else ""
        return f"An order that is {row.get_lifecycle_status_display().lower()} cannot be cancelled.{later}"

    def command(self, row: Order, given: Mapping[str, Any]) -> Command:
        return CancelOrder(order_id=row.pk, reason=given["because"])

    def chain(self, row: Order) -> UUID | None:
        return row.checkout_session_id

    def sentence(self, row: Order, answer: Any) -> str:
        return "is cancelled; stock and money follow."


class RefundForm(ReasonForm):
    """How much goes back, and what for."""

    amount = forms.CharField(
        max_length=20,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "placeholder": "everything that is left"}),
        help_text="As people write it, for example 12.50. Empty returns all that is left.",
    )
    what_for = forms.ChoiceField(
        label="What for",
        choices=(("GOODS", "Goods"), ("SHIPPING", "Shipping"), ("GOODWILL", "Goodwill")),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("amount", "what_for", "reason")


class Refund(CommandVerb):
    """Return money of it."""

    name, label, icon, tone, bulk = "refund", "Refund", "currency_exchange", "bad", False
    meaning = "Returns captured money to the customer, whole or in part. Above the limit somebody else has to approve it."
    form = RefundForm

    def refusal(self, row: Order) -> str:
        return "" if row.paid_at else "Nothing of it is captured: there is nothing to refund."

    def command(self, row: Order, given: Mapping[str, Any]) -> Command:
        amount = in_minor_units(str(given["amount"]), row.currency) if given["amount"] else None
        return RefundOrder(order_id=row.pk, amount=amount, reason=str(given["reason"])[:250], refund_type=given["what_for"])

    def chain(self, row: Order) -> UUID | None:
        return row.checkout_session_id

    def sentence(self, row: Order, answer: Any) -> str:
        amount = money(sum(refund.amount for refund in answer.refunds), row.currency)
        if any(refund.needs_approval for refund in answer.refunds):
            return f"{amount} will go back once somebody else has approved it, under Refunds."
        return f"{amount} on the way back; the provider is asked now."


class LegalHold(CommandVerb):
    """Keep it whatever its retention says, or no longer."""

    name, label, icon = "keep", "Legal hold on or off", "gavel"
    meaning = "Under legal hold it is not archived, however old. The same verb ends the legal hold."

    def refusal(self, row: Order) -> str:
        return "It is archived already." if row.lifecycle_status == LifecycleStatus.ARCHIVED else ""

    def command(self, row: Order, given: Mapping[str, Any]) -> Command:
        return SetLegalHold(order_id=row.pk, keep=not row.legal_hold)

    def chain(self, row: Order) -> UUID | None:
        return row.checkout_session_id

    def sentence(self, row: Order, answer: Any) -> str:
        return "is not under legal hold any more." if row.legal_hold else "is under legal hold."


def open_holds(row: Any) -> list[OrderHold]:
    """The holds that still stop it; from what the list fetched, if it did."""
    fetched = getattr(row, "open_holds", None)
    if fetched is not None:
        return list(fetched)
    return list(row.holds.filter(released_at__isnull=True).order_by("placed_at"))


VERBS = (Hold(), ReleaseHold(), ReleaseNow(), Amend(), ChangeAddress(), Cancel(), Refund(), LegalHold())
