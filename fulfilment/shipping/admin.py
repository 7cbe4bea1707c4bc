"""Shipments with what the carrier says about them, and every webhook with what it did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from unfold.decorators import display

from fulfilment.shipping.models import CarrierWebhook, Parcel, Shipment
from fulfilment.shipping.pages import shipment_sections, webhook_sections
from fulfilment.shipping.states import UNDER_WAY, ShipmentStatus
from fulfilment.shipping.verbs import SHIPMENT_VERBS, WEBHOOK_VERBS
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, find, register
from shop.console.formats import badge, moment
from shop.console.terms import Term, read_term
from shop.console.webhooks import InboxAdmin

SILENT: Final = timedelta(days=3)


@admin.register(Shipment)
class ShipmentAdmin(OpsModelAdmin):
    """Default: what is under way."""

    intro = "One journey of one packed order. Requested may mean that the carrier has not answered yet; it is never booked twice."
    empty = ("Nothing is under way", "A shipment appears here as soon as an order is packed.")
    verbs = SHIPMENT_VERBS
    tones = {"REQUESTED": "busy", "CREATED": "busy", "DELIVERED": "good", "FAILED": "bad"}
    tabs = (
        Tab("open", "Under way", lambda rows: rows.filter(status__in=UNDER_WAY)),
        Tab("failed", "Failed: decide", lambda rows: rows.filter(status=ShipmentStatus.FAILED, resolution="")),
        Tab("refused", "Refused", lambda rows: rows.filter(refused_at__isnull=False)),
        Tab("unknown", "Unknown", lambda rows: rows.filter(status=ShipmentStatus.REQUESTED, asked_since__isnull=False)),
        Tab("silent", "No word for 3 d", lambda rows: rows.filter(status="CREATED", heard_at__lt=Now() - SILENT)),
        Tab("delivered", "Delivered", lambda rows: rows.filter(status=ShipmentStatus.DELIVERED)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("order_", "state_", "carrier_", "tracking", "parcels_", "age", "heard", "problem")
    list_display_links = ("order_",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Confirmation or tracking number; order, shipment or picking job id"

    @display(description="Order")
    def order_(self, row: Shipment) -> str:
        return row.confirmation_number

    @display(description="State")
    def state_(self, row: Shipment) -> Any:
        return self.state_of(row)

    @display(description="Carrier")
    def carrier_(self, row: Shipment) -> str:
        return "is collected" if row.is_collected else f"{row.carrier}, {row.service.replace('_', ' ').lower()}"

    @display(description="Tracking number")
    def tracking(self, row: Shipment) -> str:
        return row.tracking_number or "—"

    @display(description="Parcels")
    def parcels_(self, row: Shipment) -> int:
        return row.parcel_count

    @display(description="Requested")
    def age(self, row: Shipment) -> Any:
        return moment(row.created_at)

    @display(description="Last heard")
    def heard(self, row: Shipment) -> Any:
        return moment(row.heard_at)

    @display(description="Problem")
    def problem(self, row: Shipment) -> str:
        return problem_of(row)[:120] or "—"

    def search(self, rows: QuerySet[Shipment], term: Term) -> QuerySet[Shipment]:
        if term.uuid:
            return rows.filter(Q(pk=term.uuid) | Q(order_id=term.uuid) | Q(picking_job_id=term.uuid))
        if term.confirmation:
            return rows.filter(order_id__in=find("order", term.confirmation))
        return rows.filter(pk__in=Parcel.objects.filter(tracking_number=term.text).values("shipment_id"))

    def label_of(self, row: Shipment) -> str:
        return f"Shipment of {row.confirmation_number}"

    def state_of(self, row: Shipment) -> Any:
        if row.refused_at:
            return badge("Refused", "bad")
        if row.may_be_booked:
            return badge("Requested, unknown", "warn")
        if row.status == ShipmentStatus.CREATED and row.is_collected:
            return badge("Waits at the counter", "busy")
        if row.status == ShipmentStatus.FAILED:
            return badge(row.get_resolution_display() or "Failed: decide", "plain" if row.resolution else "bad")
        return super().state_of(row)

    def subtitle_of(self, row: Shipment) -> str:
        return f"shipment {row.pk}"

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: Shipment) -> Sequence[Any]:
        return shipment_sections(row)


def problem_of(row: Shipment) -> str:
    """What is wrong with it, in a few words; empty when nothing is."""
    if row.status == ShipmentStatus.FAILED:
        return str(row.get_failure_reason_display())
    late = "the address changed after it was booked" if row.address_came_late else ""
    return row.refused_because or row.last_error or late


@admin.register(CarrierWebhook)
class CarrierWebhookAdmin(InboxAdmin):
    """What the carrier told us."""

    empty = ("No webhooks here", "The carrier has not told us anything of this kind.")
    verbs = WEBHOOK_VERBS

    def sections(self, request: HttpRequest, row: CarrierWebhook) -> Sequence[Any]:
        return webhook_sections(row)


def shipments_of(term: str) -> list[UUID]:
    """The shipments of this order, the newest first."""
    order = read_term(term).uuid
    return list(Shipment.objects.filter(order_id=order).order_by("-id").values_list("pk", flat=True)) if order else []


register(Kind("shipment", "fulfilment_shipment", "fulfilment.view_shipment", find=shipments_of))
register(Kind("carrier webhook", "fulfilment_carrierwebhook", "fulfilment.view_carrierwebhook"))
