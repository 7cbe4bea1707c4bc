"""Picking: the queue by priority and age, a job with its lines, and the list to print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display

from fulfilment.warehouse.models import PickingJob, PickingLine
from fulfilment.warehouse.states import UNDER_WAY, PickingStatus
from fulfilment.warehouse.verbs import PICKING_VERBS
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, find, link_to, register
from shop.console.formats import badge, link, moment
from shop.console.keys import clean_keys
from shop.console.sections import Facts, Said, Table, Timeline
from shop.console.terms import Term, read_term
from shop.console.timeline import entries_about

MOST_PRINTED = 50
PRIORITY_TONES = {"SAME_DAY": "bad", "EXPEDITED": "warn", "STANDARD": "plain"}
ADDRESS = ("recipientName", "line1", "line2", "postalCode", "city", "countryCode")


def overdue(rows: QuerySet[PickingJob]) -> QuerySet[PickingJob]:
    """Not packed by when it was to leave, or not within ``PICKING_HOURS``."""
    late = Q(dispatch_by__lt=Now()) | Q(created_at__lt=Now() - timedelta(hours=settings.PICKING_HOURS))
    return rows.filter(late, status__in=UNDER_WAY)


def of_orders(ids: Sequence[UUID]) -> Q:
    """The jobs of these orders: the first ones and the replacements have an index each."""
    return Q(order_id__in=ids, replaces__isnull=True) | Q(order_id__in=ids, replaces__isnull=False)


@admin.register(PickingJob)
class PickingJobAdmin(OpsModelAdmin):
    """Default: what is to be picked, the most urgent first."""

    intro = "What is to be picked, the most urgent first. Packing takes the goods out of the stock."
    empty = ("Nothing to pick", "A job appears here as soon as an order is released to the warehouse.")
    verbs = PICKING_VERBS
    tones = {"CREATED": "busy", "PICKING": "busy", "PACKED": "good", "CANCELLED": "plain"}
    tabs = (
        Tab("queue", "To pick", lambda rows: rows.filter(status__in=UNDER_WAY)),
        Tab("short", "Short", lambda rows: rows.filter(short_since__isnull=False)),
        Tab("overdue", "Overdue", overdue),
        Tab("packed", "Packed", lambda rows: rows.filter(status=PickingStatus.PACKED)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("order_", "state_", "priority_", "pieces", "waits", "picker_", "method", "print_")
    list_display_links = ("order_",)
    ordering = ("rank", "created_at", "id")
    search_fields = ("id",)
    search_help_text = "Confirmation number, order, picking job or reservation id"

    @display(description="Order")
    def order_(self, row: PickingJob) -> str:
        return row.confirmation_number

    @display(description="State")
    def state_(self, row: PickingJob) -> Any:
        return self.state_of(row)

    @display(description="Priority")
    def priority_(self, row: PickingJob) -> Any:
        return badge(row.priority.replace("_", " ").capitalize(), PRIORITY_TONES.get(row.priority, "plain"))

    @display(description="Picked / wanted")
    def pieces(self, row: Any) -> str:
        picked, wanted = sum(line.picked for line in row.its_lines), sum(line.quantity for line in row.its_lines)
        return f"{picked} / {wanted} in {len(row.its_lines)} lines"

    @display(description="Waits since")
    def waits(self, row: PickingJob) -> Any:
        return moment(row.created_at)

    @display(description="Picker")
    def picker_(self, row: PickingJob) -> str:
        return row.picker or "—"

    @display(description="Goes")
    def method(self, row: PickingJob) -> str:
        return "is collected" if row.is_collected else f"to {(row.address or {}).get('countryCode', 'nowhere yet')}"

    @display(description="List")
    def print_(self, row: PickingJob) -> Any:
        return link(print_address([row.pk]), "print")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        tab = self.current_tab(request)
        if tab and tab.name == "packed":
            return ("-closed_at", "-id")
        return ("-id",) if tab is None or tab.name == "all" else ("rank", "created_at", "id")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.print_view)
        return [path("print/", view, name="fulfilment_pickingjob_print"), *super().get_urls()]

    def print_view(self, request: HttpRequest) -> HttpResponse:
        """The pick lists of the jobs in ``ids``, or of the whole queue as far as a picker carries it, one page each."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = [key for key in request.GET.get("ids", "").split(",") if key]
        rows = self.get_queryset(request)
        rows = rows.filter(pk__in=clean_keys(self, wanted)) if wanted else rows.filter(status=PickingStatus.CREATED)
        jobs = list(rows.order_by("rank", "created_at", "id")[:MOST_PRINTED])
        if wanted and not jobs:
            raise Http404("None of these jobs is there.")
        self.prepare(request, jobs)
        return TemplateResponse(request, "fulfilment/pick_list.html", {"jobs": jobs, "title": "Pick lists"})

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        lines: dict[UUID, list[PickingLine]] = defaultdict(list)
        for line in PickingLine.objects.filter(job_id__in=[row.pk for row in rows]).order_by("position"):
            lines[line.job_id].append(line)
        for row in rows:
            row.its_lines = lines[row.pk]

    def search(self, rows: QuerySet[PickingJob], term: Term) -> QuerySet[PickingJob]:
        if term.uuid:
            return rows.filter(Q(pk=term.uuid) | of_orders([term.uuid]))
        return rows.filter(of_orders(find("order", term.confirmation))) if term.confirmation else rows.none()

    def label_of(self, row: PickingJob) -> str:
        return f"Picking {row.confirmation_number}"

    def state_of(self, row: PickingJob) -> Any:
        return badge("Short: decide", "bad") if row.short_since else super().state_of(row)

    def subtitle_of(self, row: PickingJob) -> str:
        return f"picking job {row.pk}"

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        return (
            Said(*what_next(row)),
            _lines(row),
            Facts("Job", _facts(row)),
            Timeline("Timeline", entries_about(str(row.pk))),
        )


def what_next(row: PickingJob) -> tuple[str, str, str]:
    """What a person does about it now, with the tone to say it in."""
    if row.short_since:
        return "Something could not be found. Find it, ship without it, or give the job up.", "bad", "Next:"
    nexts = {
        PickingStatus.CREATED: ("Somebody starts it.", "busy"),
        PickingStatus.PICKING: (f"{row.picker} picks every line and packs it.", "busy"),
        PickingStatus.PACKED: ("Nothing: its goods have left the stock.", "good"),
        PickingStatus.CANCELLED: (f"Nothing: {row.cancelled_because}. Put back what was picked.", "plain"),
    }
    return (*nexts[PickingStatus(row.status)], "Next:")


def print_address(keys: Sequence[object]) -> str:
    """Where the pick lists of these jobs are."""
    return f"{reverse('admin:fulfilment_pickingjob_print')}?ids={','.join(map(str, keys))}"


def _lines(row: Any) -> Table:
    rows = [
        (
            line.position,
            line.sku,
            link_to("stock", line.product_id, line.name),
            line.quantity,
            line.picked,
            badge(str(line.missing), "bad") if line.missing else "·",
            line.left_out or "·",
        )
        for line in row.its_lines
    ]
    headings = ("#", "SKU", "Product", "Wanted", "Picked", "Missing", "Left out")
    return Table("Lines", headings, rows, note="Left out: missing, and the order goes without it.")


def _facts(row: PickingJob) -> Sequence[tuple[str, Any]]:
    return (
        ("Order", link_to("order", row.order_id, row.confirmation_number)),
        ("Replaces", link_to("shipment", row.replaces)),
        ("Reservation", link_to("reservation", row.reservation_id)),
        ("Warehouse", row.warehouse_id),
        ("Goes to", "is collected by the customer" if row.is_collected else address_lines(row.address)),
        ("Parcels", row.parcel_count or "not packed yet"),
        ("To leave by", moment(row.dispatch_by, full=True)),
        ("Waits since", moment(row.created_at, full=True)),
        ("Started", moment(row.started_at, full=True)),
        ("Closed", moment(row.closed_at, full=True)),
        ("Pick list", format_html("{}", link(print_address([row.pk]), "print"))),
    )


def address_lines(address: Any) -> str:
    """An address on one line."""
    return ", ".join(str(address[name]) for name in ADDRESS if address.get(name)) if address else "no address yet"


def jobs_of(term: str) -> list[UUID]:
    """The picking jobs of this order, the newest first."""
    order = read_term(term).uuid
    first_or_not = Q(order_id=order, replaces__isnull=True) | Q(order_id=order, replaces__isnull=False)  # an index each
    return list(PickingJob.objects.filter(first_or_not).order_by("-id").values_list("pk", flat=True)) if order else []


register(Kind("picking", "fulfilment_pickingjob", "fulfilment.view_pickingjob", find=jobs_of))
