"""What a promotion is drafted and changed with."""

from __future__ import annotations

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from shop.console.verbs import ReasonForm
from shop.promotions.states import PromotionKind

MINUTE = "%Y-%m-%dT%H:%M"


def moment_field(label: str) -> forms.DateTimeField:
    """A moment in UTC that may be left open."""
    widget = UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})
    return forms.DateTimeField(
        label=label, required=False, input_formats=[MINUTE, "%Y-%m-%dT%H:%M:%S"], widget=widget, help_text="UTC"
    )


class PromotionForm(ReasonForm):
    """A reduction and the conditions under which a cart gets it."""

    name = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)
    kind = forms.ChoiceField(choices=PromotionKind.choices, widget=UnfoldAdminSelectWidget)
    value = forms.DecimalField(
        min_value=0,
        max_digits=14,
        decimal_places=3,
        widget=UnfoldAdminTextInputWidget,
        help_text="12.5 for 12.5 percent, or an amount.",
    )
    currency = forms.RegexField(r"^[A-Z]{3}$", required=False, widget=UnfoldAdminTextInputWidget, help_text="Needed for amounts.")
    code = forms.CharField(
        max_length=200, required=False, widget=UnfoldAdminTextInputWidget, help_text="Empty: applies by itself."
    )
    minimum_spend = forms.DecimalField(
        min_value=0, max_digits=14, decimal_places=3, required=False, widget=UnfoldAdminTextInputWidget
    )
    starts_at = moment_field("Starts")
    ends_at = moment_field("Ends")
    customer_segment = forms.RegexField(
        r"^[A-Z][A-Z0-9_]{0,29}$",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "segments"}),
        help_text="Empty: everybody. NEW has never completed a checkout, RETURNING has; any other one is filled under Customers.",
    )
    category = forms.CharField(max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    total_limit = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=UnfoldAdminTextInputWidget)
    per_customer_limit = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=UnfoldAdminTextInputWidget)
    stackable = forms.BooleanField(
        required=False, widget=UnfoldBooleanWidget, help_text="Applies together with other stackable ones; otherwise alone."
    )
    priority = forms.IntegerField(
        min_value=-(2**31) + 1,
        max_value=2**31 - 1,
        initial=100,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Of those that stack, the smallest applies first.",
    )
    returns_when_cancelled = forms.BooleanField(
        label="Returns when cancelled",
        initial=True,
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="A use is given back when its order is cancelled.",
    )
    field_order = (
        "name", "kind", "value", "currency", "code", "minimum_spend", "starts_at", "ends_at", "customer_segment", "category",
        "total_limit", "per_customer_limit", "stackable", "priority", "returns_when_cancelled", "reason",
    )  # fmt: skip
