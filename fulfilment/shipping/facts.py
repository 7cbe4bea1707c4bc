"""What shipping says, built from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from fulfilment.shipping.models import Parcel, Shipment, TrackingEvent
from shop.contracts import fulfilment as contracts
from shop.contracts.addresses import Address, ShippingAddress
from shop.contracts.fields import DeliveryMethod
from shop.contracts.fulfilment import (
    CreateShipment,
    OrderUndeliverable,
    ParcelView,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentFailed,
    ShipmentView,
    TrackingEntry,
)
from shop.contracts.fulfilment.shipping import FailureReason
from shop.messaging.context import current_actor


def created(shipment: Shipment) -> ShipmentCreated:
    """The carrier has taken it."""
    assert shipment.booked_at is not None
    return ShipmentCreated(
        shipment_id=shipment.pk,
        order_id=shipment.order_id,
        tracking_number=shipment.tracking_number,
        carrier=shipment.carrier or None,
        estimated_delivery=shipment.estimated_delivery,
        created_at=shipment.booked_at,
    )


def delivered(shipment: Shipment) -> ShipmentDelivered:
    """Every parcel has arrived."""
    assert shipment.delivered_at is not None
    return ShipmentDelivered(
        shipment_id=shipment.pk,
        order_id=shipment.order_id,
        delivered_at=shipment.delivered_at,
        signed_by=shipment.signed_by or None,
    )


def failed(shipment: Shipment) -> ShipmentFailed:
    """It will not arrive."""
    assert shipment.failed_at is not None
    return ShipmentFailed(
        shipment_id=shipment.pk,
        order_id=shipment.order_id,
        reason=cast(FailureReason, str(shipment.failure_reason)),
        failed_at=shipment.failed_at,
    )


def undeliverable(shipment: Shipment, now: datetime) -> OrderUndeliverable:
    """Nobody tries again."""
    return OrderUndeliverable(
        order_id=shipment.order_id,
        shipment_id=shipment.pk,
        picking_job_id=shipment.picking_job_id,
        reason=cast(FailureReason, str(shipment.failure_reason)),
        decided_by=current_actor(),
        decided_at=now,
    )


def booking_of(shipment: Shipment) -> CreateShipment:
    """The command that has this shipment booked, or asked about."""
    address = Address.read_data(shipment.place)
    return CreateShipment(
        order_id=shipment.order_id,
        carrier=shipment.carrier or None,
        service=cast(contracts.ShippingService, shipment.service),
        parcel_count=shipment.parcel_count,
        destination=ShippingAddress(
            line1=address.line1, city=address.city, postcode=address.postal_code, country=address.country_code
        ),
    )


def view(shipment: Shipment, parcels: Sequence[Parcel] = (), events: Sequence[TrackingEvent] = ()) -> ShipmentView:
    """A shipment as its contract shows it."""
    return ShipmentView(
        shipment_id=shipment.pk,
        order_id=shipment.order_id,
        status=str(shipment.status),  # type: ignore[arg-type]
        tracking_number=shipment.tracking_number or None,
        carrier=shipment.carrier or None,
        service=cast(contracts.ShippingService, shipment.service) if shipment.service else None,
        delivery_method=cast(DeliveryMethod, shipment.delivery_method),
        estimated_delivery=shipment.estimated_delivery,
        delivered_at=shipment.delivered_at,
        failure_reason=cast(FailureReason, str(shipment.failure_reason)) if shipment.failure_reason else None,
        parcels=[
            ParcelView(
                number=parcel.number,
                status=cast(contracts.ParcelStatus, str(parcel.status)),
                tracking_number=parcel.tracking_number or None,
            )
            for parcel in parcels
        ]
        or None,
        tracking=[
            TrackingEntry(status=event.status, at=event.at, tracking_number=event.tracking_number or None) for event in events
        ]
        or None,
    )
