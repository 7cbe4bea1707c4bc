"""What the warehouse says, built from its rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fulfilment.inventory.holds import items
from fulfilment.warehouse.models import PickingJob
from shop.contracts.addresses import Address, ShippingAddress
from shop.contracts.fulfilment import OrderPacked, OrderReadyForShipping, OrderUndeliverable, ShortPickAccepted
from shop.messaging.context import current_actor


def packed(job: PickingJob, now: datetime) -> OrderPacked:
    """Everything is in its parcels."""
    return OrderPacked(order_id=job.order_id, picking_job_id=job.pk, parcel_count=job.parcel_count, packed_at=now)


def ready_for_shipping(job: PickingJob, now: datetime) -> OrderReadyForShipping:
    """The parcels wait for a carrier."""
    return OrderReadyForShipping(
        order_id=job.order_id,
        customer_id=job.customer_id,
        parcel_count=job.parcel_count,
        shipping_address=shipping_address(job.place),
        ready_at=now,
    )


def shipping_address(kept: Mapping[str, object]) -> ShippingAddress:
    """An address as it is kept, in the shape that warehouse and carrier exchange."""
    address = Address.read_data(kept)
    return ShippingAddress(line1=address.line1, city=address.city, postcode=address.postal_code, country=address.country_code)


def short_pick_accepted(job: PickingJob, missing: Mapping[UUID, int], now: datetime) -> ShortPickAccepted:
    """The order goes out without these."""
    return ShortPickAccepted(
        order_id=job.order_id,
        picking_job_id=job.pk,
        missing_items=items(missing),
        accepted_by=current_actor(),
        accepted_at=now,
    )


def nothing_to_pick(job: PickingJob, now: datetime) -> OrderUndeliverable:
    """Nothing of the order is sent."""
    return OrderUndeliverable(
        order_id=job.order_id,
        picking_job_id=job.pk,
        shipment_id=job.replaces,
        reason="NOTHING_TO_PICK",
        decided_by=current_actor(),
        decided_at=now,
    )
