"""Changing an order in the back office: typed changes, what they would cost, then yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from ordering.orders.models import Order
from ordering.orders.states import BEFORE_FULFILMENT
from shop.console.formats import in_minor_units, money
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.ordering.amending import AmendOrder, OrderChange, PreviewAmendment
from shop.messaging.bus import ask
from shop.messaging.errors import Refused

METHODS = (("HOME_DELIVERY", "Home delivery"), ("CLICK_AND_COLLECT", "Click and collect"))


class AmendForm(ReasonForm):
    """A quantity per line, how it is delivered, and the discount as it should have been. The first time it is sent it answers
    with what that would cost; the box says yes to it."""

    delivery_method = forms.ChoiceField(label="Delivery", choices=METHODS, widget=UnfoldAdminSelectWidget)
    discount = forms.CharField(
        label="Discount, corrected",
        max_length=20,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "placeholder": "as it is"}),
        help_text="What it should have been in all, for example 5.00. Empty leaves it to the rule: it keeps its share.",
    )
    promotion_code = forms.CharField(label="Given for", max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    agreed = forms.BooleanField(
        label="Do it", required=False, widget=UnfoldBooleanWidget, help_text="Leave it empty to see first what it would cost."
    )

    def __init__(self, data: Any, *, order: Order | None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.order = order
        self.lines = list(order.lines.all()) if order else []
        for line in self.lines:
            self.fields[f"line_{line.position}"] = forms.IntegerField(
                label=f"{line.name or line.sku} ({line.sku})",
                min_value=0,
                max_value=10_000,
                initial=line.quantity,
                widget=UnfoldAdminTextInputWidget,
                help_text="0 takes it out.",
            )
        if order:
            self.fields["delivery_method"].initial = order.delivery_method
        names = [f"line_{line.position}" for line in self.lines]
        self.order_fields([*names, "delivery_method", "discount", "promotion_code", "reason", "agreed"])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors or self.order is None:
            return given
        try:
            given["changes"] = self._changes(given, self.order)
            shown = ask(PreviewAmendment(order_id=self.order.pk, changes=given["changes"])) if given["changes"] else None
        except Refused as refusal:
            raise ValidationError(refusal.message) from None
        if shown is None:
            raise ValidationError("Nothing is changed yet.")
        if not given["agreed"]:
            raise ValidationError(_in_words(shown))
        return given

    def _changes(self, given: Mapping[str, Any], order: Order) -> list[OrderChange]:
        changes = [
            OrderChange(type="SET_QUANTITY", position=line.position, quantity=wanted)
            if (wanted := given[f"line_{line.position}"])
            else OrderChange(type="REMOVE_LINE", position=line.position)
            for line in self.lines
            if given[f"line_{line.position}"] != line.quantity
        ]
        if given["delivery_method"] != order.delivery_method:
            changes.append(OrderChange(type="SET_DELIVERY_METHOD", delivery_method=given["delivery_method"]))
        if given["discount"]:
            corrected = in_minor_units(given["discount"], order.currency)
            code = given["promotion_code"] or None
            changes.append(OrderChange(type="CORRECT_PROMOTION", discount=corrected, promotion_code=code))
        return changes


def _in_words(shown: Any) -> str:
    """What it would cost, for the one who decides."""
    was, will = money(shown.previous_total, shown.currency), money(shown.new_total, shown.currency)
    goods = f"Goods {money(shown.subtotal, shown.currency)}, discount {money(shown.discount, shown.currency)}."
    if shown.difference > 0:
        money_moves = f"{money(shown.difference, shown.currency)} more are charged to the same payment method."
    elif shown.difference < 0:
        money_moves = f"{money(-shown.difference, shown.currency)} are not taken, or go back."
    else:
        money_moves = "No money moves."
    return f"The total would be {will} instead of {was}. {goods} {money_moves} Tick “Do it” if that is right."


class Amend(CommandVerb):
    """Change lines, delivery or discount."""

    name, label, icon, tone, bulk = "amend", "Amend", "edit", "plain", False
    meaning = "Changes what was ordered. Stock and money are asked first; if either says no, the order stays as it is."
    form = AmendForm

    def refusal(self, row: Order) -> str:
        if row.lifecycle_status not in BEFORE_FULFILMENT:
            return f"An order that is {row.get_lifecycle_status_display().lower()} cannot be changed any more."
        return ""

    def build_form(self, data: Any, row: Order | None, request: HttpRequest) -> forms.Form:
        return AmendForm(data, order=row or _sent(request), initial=self.initial(row))

    def command(self, row: Order, given: Mapping[str, Any]) -> Command:
        return AmendOrder(
            order_id=row.pk, changes=given["changes"], expected_revision=row.revision, reason=str(given["reason"])[:250]
        )

    def chain(self, row: Order) -> UUID | None:
        return row.checkout_session_id

    def sentence(self, row: Order, answer: Any) -> str:
        total = money(answer.new_total, answer.currency)
        return f"the change is under way: stock and money are asked, then the total is {total}."


def _sent(request: HttpRequest) -> Order | None:
    """The one order that the form was shown for."""
    for part in request.POST.getlist("seen")[:1]:
        try:
            return Order.objects.filter(pk=UUID(part.partition(":")[0])).first()
        except ValueError:
            return None
    return None
