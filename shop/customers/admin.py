"""Customers: who they are and what they did. Nothing here shows or changes what a login needs."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, register
from shop.console.formats import badge, link, moment
from shop.console.sections import Facts, Table
from shop.console.terms import Term
from shop.contracts.personal_data import GetPersonalData
from shop.customers.emails import email_key
from shop.customers.erasure import under_way
from shop.customers.models import CustomerProfile, Erasure, SegmentMember
from shop.customers.segment_names import is_segment_name
from shop.customers.sessions import live_sessions
from shop.customers.states import CustomerState
from shop.customers.verbs import VERBS
from shop.messaging.bus import ask
from shop.messaging.context import current_actor
from shop.messaging.errors import Invalid, Missing
from shop.messaging.models import OperatorAction

MOST_FOUND = 50
MOST_MEMBERS = 1_000
MOST_SESSIONS = 20
DOWNLOAD_MINUTES = 10
SHORTEST_PREFIX = 3


@admin.register(CustomerProfile)
class CustomerProfileAdmin(OpsModelAdmin):
    """Default: all, the newest first."""

    intro = "Who buys here. What a login needs is kept elsewhere and shown to nobody."
    empty = ("No customers here", "They appear when they register.")
    verbs = VERBS
    tones = {"ACTIVE": "good", "SUSPENDED": "warn", "CLOSED": "plain"}
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("suspended", "Suspended", lambda rows: rows.filter(status=CustomerState.SUSPENDED)),
        Tab("closed", "Closed", lambda rows: rows.filter(status=CustomerState.CLOSED)),
    )
    list_display = ("email_", "name", "state_", "segments_", "registered")
    list_display_links = ("email_",)
    ordering = ("-registered_at", "-id")
    search_fields = ("id",)
    search_help_text = "E-mail address, its beginning, a customer id, or a segment"

    @display(description="E-mail")
    def email_(self, row: CustomerProfile) -> str:
        return row.email

    @display(description="State")
    def state_(self, row: CustomerProfile) -> Any:
        return self.state_of(row)

    @display(description="Segments")
    def segments_(self, row: Any) -> str:
        return ", ".join(row.in_segments) or "—"

    @display(description="Registered")
    def registered(self, row: CustomerProfile) -> Any:
        return moment(row.registered_at)

    def search(self, rows: QuerySet[CustomerProfile], term: Term) -> QuerySet[CustomerProfile]:
        if term.uuid:
            return rows.filter(pk=term.uuid)
        if is_segment_name(term.text):
            members = SegmentMember.objects.filter(segment=term.text).order_by("-id").values_list("customer_id", flat=True)
            if found := list(members[:MOST_MEMBERS]):
                return rows.filter(pk__in=found)
        return rows.filter(pk__in=find_customers(term.text))

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        segments: dict[UUID, list[str]] = defaultdict(list)
        for customer_id, segment in (
            SegmentMember.objects.filter(customer__in=[row.pk for row in rows])
            .order_by("segment")
            .values_list("customer_id", "segment")
        ):
            segments[customer_id].append(segment)
        for row in rows:
            row.in_segments = segments[row.pk]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self._download)
        return [path("<uuid:customer_id>/personal-data/", view, name="shop_customerprofile_personal_data"), *super().get_urls()]

    def _download(self, request: HttpRequest, customer_id: UUID) -> HttpResponse:
        """The file that an export has just been written down for, to whoever did. 404 without."""
        if not self.has_view_permission(request) or not request.user.has_perm("shop.export_customerprofile"):
            raise PermissionDenied
        if not may_download(customer_id):
            raise Http404("Export it first: who takes the file and why is written down.")
        try:
            body = ask(GetPersonalData(customer_id=customer_id)).payload()
        except Missing as missing:
            raise Http404(missing.message) from None
        headers = {"Content-Disposition": 'attachment; filename="personal-data.json"', "Cache-Control": "no-store"}
        return HttpResponse(body, content_type="application/json", headers=headers)

    def label_of(self, row: CustomerProfile) -> str:
        return row.email

    def subtitle_of(self, row: CustomerProfile) -> str:
        return f"customer {row.pk}"

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        facts = (
            ("Name", row.name),
            ("E-mail", row.email),
            ("Why it is " + row.get_status_display().lower(), row.status_reason or "—"),
            ("Segments", ", ".join(row.in_segments) or "none"),
            ("Legal hold", badge("must not be erased", "warn") if row.legal_hold else "none"),
            ("Registered", moment(row.registered_at, full=True)),
            ("Changed", moment(row.updated_at, full=True)),
            ("Orders", _elsewhere("ordering_order", row)),
            ("Checkouts", _elsewhere("ordering_checkoutsession", row)),
            ("Carts", _elsewhere("shop_cart", row)),
            ("Promotions used", _elsewhere("shop_promotionuse", row)),
        )
        page: list[Any] = [Facts("Customer", facts), _addresses(row), _sessions(row), *_waiting(row)]
        if request.user.has_perm("shop.export_customerprofile") and may_download(row.pk):
            address = reverse("admin:shop_customerprofile_personal_data", args=[row.pk])
            page.insert(0, Facts("Export", (("Everything the shop holds", link(address, "Download personal-data.json")),)))
        return page


def _elsewhere(screen: str, row: CustomerProfile) -> Any:
    return link(f"{reverse(f'admin:{screen}_changelist')}?q={row.pk}", "show all")


def _addresses(row: CustomerProfile) -> Table:
    rows = [
        (
            address.recipient_name or "—",
            ", ".join(part for part in (address.line1, address.line2) if part),
            f"{address.postal_code} {address.city}",
            address.country_code,
            badge("default", "busy") if address.is_default else "—",
        )
        for address in row.addresses.order_by("id")
    ]
    return Table("Address book", ("Recipient", "Address", "Town", "Country", "Used"), rows, empty="No address is kept.")


def _sessions(row: CustomerProfile) -> Table:
    rows = [
        (moment(each.created_at), each.ip_address or "—", moment(each.expires_at))
        for each in live_sessions(row.pk)[:MOST_SESSIONS]
    ]
    return Table("Logged in", ("Since", "From", "Until"), rows, empty="Nowhere.")


def _waiting(row: CustomerProfile) -> list[Table]:
    rows = [
        (each.get_purpose_display(), each.email or row.email, moment(each.expires_at))
        for each in row.verifications.filter(expires_at__gt=Now()).order_by("purpose")
    ]
    return [Table("Waits for a token", ("For", "Sent to", "Good until"), rows)] if rows else []


def may_download(customer_id: UUID) -> bool:
    """Whether this operator has written down an export of this customer within the last ten minutes."""
    lately = Now() - dt.timedelta(minutes=DOWNLOAD_MINUTES)
    actions = OperatorAction.objects.filter(target_type="shop.customerprofile", target_id=str(customer_id), at__gt=lately)
    return actions.filter(verb="customerprofile.export", actor=current_actor()).exists()


@admin.register(Erasure)
class ErasureAdmin(OpsModelAdmin):
    """Default: all, the newest first."""

    intro = "Customers who were forgotten: an id that says nothing any more, when, and at whose request."
    empty = ("Nobody was erased", "Customers ask for it themselves, or an operator does it on their page.")
    state_field = ""
    list_display = ("customer", "requested", "by", "why", "progress")
    list_display_links = ("customer",)
    ordering = ("-requested_at", "-customer_id")
    search_fields = ("customer_id",)
    search_help_text = "Customer id"

    @display(description="Customer")
    def customer(self, row: Erasure) -> str:
        return str(row.pk)

    @display(description="Requested")
    def requested(self, row: Erasure) -> Any:
        return moment(row.requested_at)

    @display(description="By")
    def by(self, row: Erasure) -> str:
        return "the customer" if row.requested_by.startswith("customer:") else row.requested_by

    @display(description="Why")
    def why(self, row: Erasure) -> str:
        return row.reason or "—"

    @display(description="Copies elsewhere")
    def progress(self, row: Any) -> Any:
        return badge("being redacted", "busy") if row.under_way else badge("redacted", "good")

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        busy = under_way([row.pk for row in rows])
        for row in rows:
            row.under_way = row.pk in busy

    def label_of(self, row: Erasure) -> str:
        return f"Erased customer …{str(row.pk)[-12:]}"

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        facts = (
            ("Customer id", str(row.pk)),
            ("Requested", moment(row.requested_at, full=True)),
            ("By", self.by(row)),
            ("Why", self.why(row)),
            ("Copies elsewhere", self.progress(row)),
            ("Orders", link(f"{reverse('admin:ordering_order_changelist')}?q={row.pk}", "show all")),
            ("Mail about it", link(f"{reverse('admin:messaging_message_changelist')}?q={row.pk}", "show all")),
        )
        return (Facts("Erasure", facts),)


def customer_names(ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Customers are called by their e-mail address."""
    return dict(CustomerProfile.objects.filter(pk__in=ids).values_list("pk", "email"))


def find_customers(term: str) -> list[UUID]:
    """The customer with this e-mail address, else those whose address begins so; nobody for fewer than three letters."""
    try:
        key = email_key(term)
    except Invalid:
        return []
    exact = list(CustomerProfile.objects.filter(email_key=key).values_list("pk", flat=True))
    if exact or len(key) < SHORTEST_PREFIX:
        return exact
    begins = CustomerProfile.objects.filter(email_key__startswith=key).order_by("email_key")
    return list(begins.values_list("pk", flat=True)[:MOST_FOUND])


register(Kind("customer", "shop_customerprofile", "shop.view_customerprofile", customer_names, find_customers))
