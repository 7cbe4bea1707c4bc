"""Stock and reservations: how much there is, why, who holds it and for how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import display

from fulfilment.inventory.explain import StockExplanation, explain_stock
from fulfilment.inventory.models import Reservation, ReservationLine, StockItem
from fulfilment.inventory.states import MovementKind, ReservationStatus
from fulfilment.inventory.verbs import RESERVATION_VERBS, STOCK_VERBS
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, find, link_to, names_of, register
from shop.console.formats import badge, moment
from shop.console.sections import Facts, Said, Table, Timeline
from shop.console.terms import Term
from shop.console.timeline import entries_of, read_chain

# The flag is set and taken back with every movement, and has an index.
LOW = Q(low_stock_notified=True, low_stock_threshold__gt=0, available__lt=F("low_stock_threshold"))


@admin.register(StockItem)
class StockItemAdmin(OpsModelAdmin):
    """On hand is always available plus reserved; the ledger says why."""

    intro = "On hand = available + reserved. Open a product to see why it is what it is, movement by movement."
    empty = ("Nothing here", "Receive stock to begin: choose “Receive stock” above.")
    verbs = STOCK_VERBS
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("low", "Low", lambda rows: rows.filter(LOW)),
        Tab("out", "None available", lambda rows: rows.filter(available__lte=0)),
        Tab("recount", "To recount", lambda rows: rows.filter(recount_since__isnull=False)),
        Tab("reserved", "Reserved", lambda rows: rows.filter(reserved__gt=0)),
    )
    list_display = ("product", "on_hand", "reserved", "available_", "low_stock_threshold", "changed")
    list_display_links = ("product",)
    ordering = ("-product_id",)
    search_fields = ("product_id",)
    search_help_text = "Product id, SKU or name"

    @display(description="Product")
    def product(self, row: Any) -> str:
        return row.product_name or str(row.pk)

    @display(description="Available")
    def available_(self, row: StockItem) -> Any:
        if row.available <= 0:
            return badge(f"{row.available}", "bad")
        return badge(f"{row.available} low", "warn") if _is_low(row) else row.available

    @display(description="Last movement")
    def changed(self, row: StockItem) -> Any:
        return moment(row.updated_at)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        names = names_of("product", {row.pk for row in rows})
        for row in rows:
            row.product_name = names.get(row.pk)

    def search(self, rows: QuerySet[StockItem], term: Term) -> QuerySet[StockItem]:
        return rows.filter(pk__in=[term.uuid] if term.uuid else find("product", term.text))

    def label_of(self, row: Any) -> str:
        return getattr(row, "product_name", None) or f"Product {row.pk}"

    def state_of(self, row: StockItem) -> Any:
        if row.available <= 0:
            return badge("none available", "bad")
        return badge("low", "warn") if _is_low(row) else badge("in stock", "good")

    def subtitle_of(self, row: StockItem) -> str:
        return f"product {row.pk}"

    def sections(self, request: HttpRequest, row: StockItem) -> Sequence[Any]:
        told = explain_stock(row.pk)
        return (
            Said(told.sentence, "plain" if told.adds_up else "bad", f"Why is this {row.on_hand}?"),
            Facts("Stock", _figures(row)),
            _ledger(told),
            _holders(told),
        )


def _is_low(row: StockItem) -> bool:
    return row.low_stock_threshold > 0 and row.available < row.low_stock_threshold


def _figures(row: StockItem) -> Sequence[tuple[str, Any]]:
    return (
        ("On hand", row.on_hand),
        ("Reserved", str(row.reserved)),
        ("Available", str(row.available)),
        ("Counts as low below", row.low_stock_threshold or "never"),
        ("Movements", row.version),
        ("To be counted", moment(row.recount_since, full=True) if row.recount_since else "no"),
        ("Product", link_to("product", row.pk, "catalogue entry")),
    )


def _ledger(told: StockExplanation) -> Table:
    rows = [
        (
            line.sequence,
            moment(line.at),
            MovementKind(line.kind).label,
            signed(line.delta_on_hand),
            line.on_hand,
            signed(line.delta_reserved),
            line.reserved,
            line.on_hand - line.reserved,
            line.reason or line.reference or (link_to("reservation", line.reservation_id) if line.reservation_id else "—"),
            line.actor or "—",
            link_to("message", line.message_id, "message") if line.message_id else "—",
        )
        for line in told.lines
    ]
    headings = ("#", "When", "What", "± on hand", "On hand", "± reserved", "Reserved", "Available", "Why", "Who", "Caused by")
    return Table(
        "Ledger", headings, rows, empty="Nothing ever moved.", note="The newest movement first; each line adds up to the next."
    )


def signed(delta: int) -> Any:
    """A difference with its sign, and a colour that only repeats it."""
    if not delta:
        return "·"
    return format_html('<span class="{}">{}</span>', "oc-plus" if delta > 0 else "oc-minus", f"{delta:+d}".replace("-", "-"))


def _holders(told: StockExplanation) -> Table:
    rows = [
        (
            link_to("reservation", one.reservation_id),
            one.quantity,
            link_to("order", one.order_id),
            moment(one.expires_at) if one.expires_at else "its order ends it",
        )
        for one in told.holdings
    ]
    return Table("Who holds some of it now", ("Reservation", "Quantity", "Order", "Until"), rows, empty="Nobody.")


@admin.register(Reservation)
class ReservationAdmin(OpsModelAdmin):
    """Default: what holds stock now, the first to run out first."""

    intro = "Stock set aside for one cart, all of its lines or none. Once its order exists, only that order ends it."
    empty = ("Nothing is reserved", "Reservations appear while customers check out.")
    verbs = RESERVATION_VERBS
    tones = {"HELD": "busy", "CONSUMED": "good", "RELEASED": "plain", "EXPIRED": "warn"}
    tabs = (
        Tab("held", "Held", lambda rows: rows.filter(status=ReservationStatus.HELD)),
        Tab("ends", "Ends by the clock", lambda rows: rows.filter(status=ReservationStatus.HELD, order_bound=False)),
        Tab("overdue", "Overdue", lambda rows: rows.filter(status="HELD", order_bound=False, expires_at__lt=Now())),
        Tab("bound", "Has an order", lambda rows: rows.filter(status=ReservationStatus.HELD, order_bound=True)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("name_", "state_", "items", "made", "ends", "order", "checkout")
    list_display_links = ("name_",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Reservation, cart, order or checkout id"

    @display(description="Reservation")
    def name_(self, row: Reservation) -> str:
        return f"…{str(row.pk)[-12:]}"

    @display(description="State")
    def state_(self, row: Reservation) -> Any:
        return self.state_of(row)

    @display(description="Holds")
    def items(self, row: Any) -> str:
        return (
            ", ".join(f"{line.quantity} x {row.product_names.get(line.product_id, 'unknown')}" for line in row.its_lines)
            or "nothing"
        )

    @display(description="Made")
    def made(self, row: Reservation) -> Any:
        return moment(row.created_at)

    @display(description="Ends")
    def ends(self, row: Reservation) -> Any:
        if row.status != ReservationStatus.HELD:
            return moment(row.closed_at)
        return "with its order" if row.order_bound else moment(row.expires_at)

    @display(description="Order")
    def order(self, row: Reservation) -> Any:
        return link_to("order", row.order_id) if row.order_bound else "—"

    @display(description="Checkout")
    def checkout(self, row: Reservation) -> Any:
        return link_to("checkout", row.checkout_session_id)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        lines: dict[UUID, list[ReservationLine]] = defaultdict(list)
        for line in ReservationLine.objects.filter(reservation_id__in=[row.pk for row in rows]).order_by("id"):
            lines[line.reservation_id].append(line)
        names = names_of("product", {line.product_id for some in lines.values() for line in some})
        for row in rows:
            row.its_lines, row.product_names = lines[row.pk], names

    def search(self, rows: QuerySet[Reservation], term: Term) -> QuerySet[Reservation]:
        if not term.uuid:
            return rows.none()
        one = term.uuid
        return rows.filter(Q(pk=one) | Q(order_id=one) | Q(cart_id=one, status=ReservationStatus.HELD))

    def label_of(self, row: Reservation) -> str:
        return f"Reservation …{str(row.pk)[-12:]}"

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        lines = [
            (line.quantity, link_to("stock", line.product_id, row.product_names.get(line.product_id, line.product_id)))
            for line in row.its_lines
        ]
        chain = read_chain([row.checkout_session_id or row.pk])
        return (
            Facts("Reservation", _reservation_facts(row)),
            Table(
                "What it holds",
                ("Quantity", "Product"),
                lines,
                empty="Nothing: it was refused or released before it held anything.",
            ),
            Timeline("Timeline", entries_of(chain, [str(row.pk)])),
        )


def _reservation_facts(row: Reservation) -> Sequence[tuple[str, Any]]:
    return (
        ("Ends", "with its order" if row.order_bound else moment(row.expires_at, full=True)),
        ("Made", moment(row.created_at, full=True)),
        ("Stopped holding", moment(row.closed_at, full=True)),
        ("Because", row.get_release_reason_display()),
        ("Order", link_to("order", row.order_id, row.order_id) if row.order_bound else "none yet"),
        ("Checkout", link_to("checkout", row.checkout_session_id)),
        ("Cart", link_to("cart", row.cart_id)),
        ("Customer", link_to("customer", row.customer_id)),
    )


register(Kind("stock", "fulfilment_stockitem", "fulfilment.view_stockitem"))
register(Kind("reservation", "fulfilment_reservation", "fulfilment.view_reservation"))
