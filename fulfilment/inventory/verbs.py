"""What an operator can do to stock and reservations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from fulfilment.inventory.models import Reservation, StockItem
from fulfilment.inventory.states import ReservationStatus
from shop.console.directory import find
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.fields import LARGEST_INTEGER
from shop.contracts.fulfilment import (
    AdjustStock,
    ExtendReservation,
    ReceiveStock,
    RecountStock,
    ReleaseInventory,
    SetLowStockThreshold,
)
from shop.messaging.errors import Invalid


def number(label: str, *, least: int, help_text: str = "") -> forms.IntegerField:
    """A whole number within what a stock row can hold."""
    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=least, max_value=LARGEST_INTEGER, widget=widget, help_text=help_text)


class ReceiveForm(ReasonForm):
    """How many, by which delivery note."""

    quantity = number("Quantity", least=1)
    reference = forms.CharField(
        label="Delivery note",
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="The same note brings a product only once, so sending this twice does no harm.",
    )
    field_order: Sequence[str] = ("quantity", "reference", "reason")


class ReceiveNewForm(ReceiveForm):
    """Of which product."""

    product = forms.CharField(label="Product", max_length=200, widget=UnfoldAdminTextInputWidget, help_text="Its id or its SKU.")
    field_order = ("product", "quantity", "reference", "reason")


class StockVerb(CommandVerb):
    """A verb on one stock row."""

    bulk = False

    def snapshot(self, row: StockItem) -> dict[str, Any]:
        return {"onHand": row.on_hand, "reserved": row.reserved, "available": row.available, "threshold": row.low_stock_threshold}

    def sentence(self, row: StockItem, answer: Any) -> str:
        return f"now {answer.on_hand} on hand, {answer.reserved} reserved, {answer.available} available."


class Receive(StockVerb):
    """Goods have arrived."""

    name, label, icon, tone = "receive", "Receive", "add_box", "good"
    meaning = "Adds goods that have arrived to what is on hand."
    form = ReceiveForm

    def command(self, row: StockItem, given: Mapping[str, Any]) -> Command:
        return ReceiveStock(
            product_id=row.pk,
            quantity=given["quantity"],
            reference=given["reference"] or None,
            reason=str(given["reason"])[:250],
        )


class ReceiveNew(StockVerb):
    """Goods of any product have arrived."""

    name, label, icon = "receive-new", "Receive stock", "add_box"
    meaning = "Adds goods that have arrived, also of a product that was never stocked before."
    form = ReceiveNewForm
    on_list = True

    def codename(self, model: Any) -> str:
        return f"receive_{model._meta.model_name}"

    def command(self, row: None, given: Mapping[str, Any]) -> Command:
        return ReceiveStock(
            product_id=product_named(str(given["product"])),
            quantity=given["quantity"],
            reference=given["reference"] or None,
            reason=str(given["reason"])[:250],
        )

    def target_of(self, answer: Any) -> Any:
        return answer.product_id


def product_named(text: str) -> UUID:
    """The product with this SKU, or the id itself. Raises ``Invalid``."""
    try:
        return UUID(text)
    except ValueError:
        found = find("product", text)
    if len(found) != 1:
        raise Invalid("product_not_found", f"{len(found) or 'No'} products answer to “{text[:60]}”; give the SKU or the id.")
    return found[0]


class AdjustForm(ReasonForm):
    """By how many, up or down."""

    delta = number("Difference", least=-LARGEST_INTEGER, help_text="-3 for three that are broken, 2 for two that were found.")
    field_order = ("delta", "reason")


class Adjust(StockVerb):
    """Correct by a difference."""

    name, label, icon, tone = "adjust", "Adjust", "exposure", "plain"
    meaning = "Corrects what is on hand by a difference: damage, theft, a find. Never below what is reserved."
    form = AdjustForm
    audited = True

    def command(self, row: StockItem, given: Mapping[str, Any]) -> Command:
        return AdjustStock(product_id=row.pk, delta=given["delta"], reason=str(given["reason"])[:250])


class RecountForm(ReasonForm):
    """What was counted."""

    counted = number("Counted", least=0, help_text="What is really on the shelf, reserved ones included.")
    field_order = ("counted", "reason")


class Recount(StockVerb):
    """Set to what was counted."""

    name, label, icon, tone = "recount", "Recount", "fact_check", "plain"
    meaning = "Sets what is on hand to what somebody counted. Never below what is reserved."
    form = RecountForm
    audited = True

    def initial(self, row: StockItem | None) -> dict[str, Any]:
        return {"counted": row.on_hand} if row else {}

    def command(self, row: StockItem, given: Mapping[str, Any]) -> Command:
        return RecountStock(product_id=row.pk, counted=given["counted"], reason=str(given["reason"])[:250])


class ThresholdForm(ReasonForm):
    """From which quantity downwards it is low."""

    threshold = number("Low below", least=0, help_text="0 means never.")
    field_order = ("threshold", "reason")


class SetThreshold(StockVerb):
    """Say when it is low."""

    name, label, icon, tone = "threshold", "Low-stock threshold", "notifications", "plain"
    meaning = "Fewer available than this count as running low."
    form = ThresholdForm

    def initial(self, row: StockItem | None) -> dict[str, Any]:
        return {"threshold": row.low_stock_threshold} if row else {}

    def command(self, row: StockItem, given: Mapping[str, Any]) -> Command:
        return SetLowStockThreshold(product_id=row.pk, threshold=given["threshold"])


class ReservationVerb(CommandVerb):
    """A verb on something that holds stock."""

    def refusal(self, row: Reservation) -> str:
        held = row.status == ReservationStatus.HELD
        return "" if held else f"It is {row.get_status_display().lower()} and holds no stock."

    def chain(self, row: Reservation) -> UUID | None:
        return row.checkout_session_id

    def snapshot(self, row: Reservation) -> dict[str, Any]:
        return {"status": row.status, "expiresAt": row.expires_at.isoformat() if row.expires_at else None}


class Release(ReservationVerb):
    """Let go of the stock."""

    name, label, icon, tone = "release", "Release", "lock_open", "bad"
    meaning = "Lets go of the stock: others can buy it at once. A checkout that still needs it will fail or ask again."

    def refusal(self, row: Reservation) -> str:
        if row.order_bound and row.status == ReservationStatus.HELD:
            return "Its order exists: cancel the order instead, or it could not be shipped."
        return super().refusal(row)

    def command(self, row: Reservation, given: Mapping[str, Any]) -> Command:
        return ReleaseInventory(reservation_id=row.pk)

    def sentence(self, row: Reservation, answer: Any) -> str:
        return "the stock is free again."


class ExtendForm(ReasonForm):
    """For how long."""

    minutes = forms.IntegerField(
        label="Minutes more",
        min_value=1,
        max_value=10_080,
        initial=15,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )
    field_order = ("minutes", "reason")


class Extend(ReservationVerb):
    """Hold it longer."""

    name, label, icon, tone = "extend", "Extend", "more_time", "good"
    meaning = "Holds the stock so many minutes more, counted from its end or from now, whichever is later."
    form = ExtendForm
    audited = True

    def refusal(self, row: Reservation) -> str:
        if row.order_bound and row.status == ReservationStatus.HELD:
            return "It has an order and does not end by the clock."
        return super().refusal(row)

    def command(self, row: Reservation, given: Mapping[str, Any]) -> Command:
        return ExtendReservation(reservation_id=row.pk, minutes=given["minutes"], reason=str(given["reason"])[:250])

    def sentence(self, row: Reservation, answer: Any) -> str:
        return f"holds until {answer.expires_at:%H:%M:%S} UTC."


STOCK_VERBS = (ReceiveNew(), Receive(), Adjust(), Recount(), SetThreshold())
RESERVATION_VERBS = (Extend(), Release())
