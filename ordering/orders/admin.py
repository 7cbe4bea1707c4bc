"""Orders: what is open, what holds it, how it came to be where it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from unfold.decorators import display

from ordering.orders.models import Order, OrderAdjustment, OrderHold
from ordering.orders.states import OPEN, AdjustmentKind, LifecycleStatus
from ordering.orders.verbs import VERBS
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, find, link_to, links_about, names_of, register
from shop.console.formats import badge, moment, money
from shop.console.sections import Document, Facts, Said, Table, Timeline
from shop.console.terms import Term
from shop.console.timeline import entries_of, read_chain
from shop.contracts.ordering.archiving import GetArchivedOrder
from shop.messaging.bus import ask
from shop.messaging.errors import Refused

ADDRESS = ("recipientName", "line1", "line2", "postalCode", "city", "countryCode")


def held(rows: QuerySet[Order], **which: Any) -> QuerySet[Order]:
    """Orders with an open hold."""
    return rows.filter(Exists(OrderHold.objects.filter(order=OuterRef("pk"), released_at__isnull=True, **which)))


@admin.register(Order)
class OrderAdmin(OpsModelAdmin):
    """Default: open work."""

    intro = "Open orders, the newest first. An order is held while any of its holds is open."
    empty = ("No open orders", "Orders appear here as soon as their checkout is paid and reserved.")
    verbs = VERBS
    state_field = "lifecycle_status"
    tones = {
        "CREATED": "busy", "CONFIRMED": "good", "ON_HOLD": "warn", "AWAITING_FULFILMENT": "busy", "FULFILLING": "busy",
        "COMPLETED": "good", "CANCELLED": "plain", "ARCHIVED": "plain",
    }  # fmt: skip
    tabs = (
        Tab("open", "Open work", lambda rows: rows.filter(lifecycle_status__in=OPEN)),
        Tab("held", "On hold", held),
        Tab("waiting", "For the warehouse", lambda rows: rows.filter(lifecycle_status=LifecycleStatus.AWAITING_FULFILMENT)),
        Tab(
            "changing",
            "Being changed",
            lambda rows: rows.filter(Exists(OrderAdjustment.objects.filter(order=OuterRef("pk"), status="OPEN"))),
        ),
        Tab("unpaid", "Not paid", lambda rows: rows.filter(lifecycle_status=LifecycleStatus.CONFIRMED)),
        Tab("overdue", "Review overdue", lambda rows: held(rows, review_by__lt=Now())),
        Tab("completed", "Completed", lambda rows: rows.filter(lifecycle_status=LifecycleStatus.COMPLETED)),
        Tab("cancelled", "Cancelled", lambda rows: rows.filter(lifecycle_status=LifecycleStatus.CANCELLED)),
        Tab("archived", "Archived", lambda rows: rows.filter(lifecycle_status=LifecycleStatus.ARCHIVED)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("number", "state_", "created", "amount", "customer", "holds_", "priority_", "delivery")
    list_display_links = ("number",)
    ordering = ("-id",)  # ids begin with the time they were made at, and every state is indexed by them
    search_fields = ("id",)
    search_help_text = "Confirmation number, order, cart, checkout or payment id, or e-mail"

    @display(description="Order")
    def number(self, row: Order) -> str:
        return row.confirmation_number

    @display(description="State")
    def state_(self, row: Order) -> Any:
        return self.state_of(row)

    @display(description="Created")
    def created(self, row: Order) -> Any:
        return moment(row.created_at)

    @display(description="Total")
    def amount(self, row: Order) -> str:
        return money(row.total, row.currency)

    @display(description="Customer")
    def customer(self, row: Any) -> Any:
        return link_to("customer", row.customer_id, row.customer_name)

    @display(description="Held for")
    def holds_(self, row: Any) -> str:
        return ", ".join(hold.get_reason_display() for hold in row.open_holds) or "—"

    @display(description="Priority")
    def priority_(self, row: Order) -> str:
        return in_words(row.priority)

    @display(description="Delivery")
    def delivery(self, row: Order) -> str:
        return in_words(row.delivery_method)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        names = names_of("customer", {row.customer_id for row in rows})
        holds: dict[UUID, list[OrderHold]] = defaultdict(list)
        ids = [row.pk for row in rows]
        for hold in OrderHold.objects.filter(order_id__in=ids, released_at__isnull=True).order_by("placed_at"):
            holds[hold.order_id].append(hold)
        for row in rows:
            row.customer_name = names.get(row.customer_id)
            row.open_holds = holds[row.pk]

    def search(self, rows: QuerySet[Order], term: Term) -> QuerySet[Order]:
        if term.uuid:
            one = term.uuid
            return rows.filter(Q(pk=one) | Q(cart_id=one) | Q(checkout_session_id=one) | Q(payment_id=one) | Q(customer_id=one))
        if term.confirmation or term.number is not None:
            return rows.filter(confirmation_number__in=_numbers(term))
        return rows.filter(customer_id__in=find("customer", term.text))

    def label_of(self, row: Order) -> str:
        return row.confirmation_number

    def subtitle_of(self, row: Order) -> str:
        return f"order {row.pk}"

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        history = list(row.history.all())
        chain = read_chain({change.correlation_id for change in history} | {row.checkout_session_id or row.pk}, str(row.pk))
        held_for = ", ".join(hold.get_reason_display().lower() for hold in row.open_holds)
        warning = [Said(f"Nothing happens to it until somebody has looked: {held_for}.", "warn", "On hold.")] if held_for else []
        targets = tuple(str(one) for one in (row.pk, row.payment_id, row.reservation_id, row.checkout_session_id))
        return (
            *warning,
            Facts("Order", _facts(row)),
            _lines(row),
            _holds(row),
            _adjustments(row),
            _history(history),
            *_archived(row),
            Timeline("Timeline across departments", entries_of(chain, targets)),
        )


def in_words(code: str) -> str:
    """``HOME_DELIVERY`` as people say it."""
    return code.replace("_", " ").capitalize()


def _numbers(term: Term) -> list[str]:
    digits = (term.confirmation or "").removeprefix("ORD-") or str(term.number)
    return [f"ORD-{digits}", f"ORD-{digits:0>8}"]


def _facts(row: Any) -> Sequence[tuple[str, Any]]:
    address = row.delivery_address or {}
    return (
        ("Total", money(row.total, row.currency)),
        ("Subtotal", money(row.subtotal, row.currency)),
        ("Discount", money(row.discount, row.currency)),
        ("Promotions", ", ".join(row.applied_promotions)),
        ("Customer", link_to("customer", row.customer_id, row.customer_name)),
        ("Checkout", link_to("checkout", row.checkout_session_id)),
        ("Payment", link_to("payment", row.payment_id)),
        ("Reservation", link_to("reservation", row.reservation_id)),
        ("Picking", links_about("picking", row.pk)),
        ("Shipment", links_about("shipment", row.pk)),
        ("Delivery", in_words(f"{row.delivery_method}, {row.priority}")),
        ("Address", ", ".join(str(address[part]) for part in ADDRESS if address.get(part))),
        ("Created", moment(row.created_at, full=True)),
        ("Confirmed", moment(row.confirmed_at, full=True)),
        ("Paid", moment(row.paid_at, full=True)),
        ("Waits for the warehouse since", moment(row.awaiting_since, full=True)),
        ("Ended", moment(row.ended_at, full=True)),
        ("Revision", row.revision),
        ("Legal hold", "yes: it is not archived" if row.legal_hold else ""),
    )


def _lines(row: Order) -> Table:
    rows = [
        (
            line.quantity,
            line.sku,
            link_to("product", line.product_id, line.name or line.sku),
            money(line.unit_price, row.currency),
            money(line.unit_price * line.quantity, row.currency),
        )
        for line in row.lines.all()
    ]
    return Table("Lines", ("Quantity", "SKU", "Product", "Unit price", "Line total"), rows)


def _holds(row: Order) -> Table:
    rows = [
        (
            hold.get_reason_display(),
            badge("open", "warn") if hold.released_at is None else badge("released", "good"),
            hold.owner_team,
            moment(hold.placed_at),
            hold.placed_by,
            moment(hold.review_by),
            hold.customer_message or "—",
            f"{hold.resolution} ({hold.released_by})" if hold.released_at else "—",
        )
        for hold in row.holds.order_by("-placed_at")
    ]
    headings = ("Held for", "State", "Team", "Placed", "By", "Review by", "Customer is told", "What was found out")
    return Table("Holds", headings, rows, empty="Nothing ever held this order.")


def _adjustments(row: Order) -> Table:
    rows = [
        (
            _change_link(change),
            badge(change.get_status_display(), {"OPEN": "busy", "APPLIED": "good", "REJECTED": "bad"}[str(change.status)]),
            ", ".join(change.changed_fields),
            f"{money(change.previous_total, row.currency)} → {money(change.total, row.currency)}",
            change.requested_by,
            moment(change.requested_at),
            change.problem or change.reason or "—",
        )
        for change in row.adjustments.order_by("-requested_at")
    ]
    headings = ("Change", "State", "Of", "Total", "By", "Asked", "Why, or why not")
    return Table("Changes after checkout", headings, rows, empty="It is as it was ordered.")


def _change_link(change: OrderAdjustment) -> Any:
    """What a short pick took away was asked of nobody; an amendment has a run to look at."""
    shown = change.get_kind_display()
    return link_to("change", change.pk, shown) if change.kind == AdjustmentKind.AMENDMENT else shown


def _archived(row: Order) -> list[Any]:
    """The record of an archived order, read from its archive just now."""
    if row.lifecycle_status != LifecycleStatus.ARCHIVED:
        return []
    try:
        kept = ask(GetArchivedOrder(order_id=row.pk))
    except Refused as refusal:
        return [Said(refusal.message, "bad", "Archived record:")]
    where = f"{kept.archive_reference}, SHA-256 {kept.record_checksum}: read and checked just now."
    return [Said(where, "good", "Archived record:"), Document("As it was", kept.record)]


def _history(changes: Sequence[Any]) -> Table:
    rows = [
        (
            change.sequence,
            moment(change.changed_at, full=True),
            change.get_previous_status_display() or "—",
            change.get_new_status_display(),
            change.reason or "—",
            change.actor,
        )
        for change in changes
    ]
    return Table("Status history", ("#", "When", "From", "To", "Why", "Who"), rows)


def order_names(ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Orders are called by their confirmation number."""
    return dict(Order.objects.filter(pk__in=ids).values_list("pk", "confirmation_number"))


def find_orders(term: str) -> list[UUID]:
    """The order with this confirmation number."""
    return list(Order.objects.filter(confirmation_number=term.upper()).values_list("pk", flat=True)[:1])


register(Kind("order", "ordering_order", "ordering.view_order", order_names, find_orders))
