"""Warehouse: picking an order line by line, what cannot be found, and packing."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Command, Part
from shop.contracts.fields import (
    MOST_PARCELS,
    Count,
    DeliveryMethod,
    Name,
    Priority,
    Quantity,
    RequiredReason,
    UpToMostItems,
    Uuid,
)

OWNER = "fulfilment-platform"

PickingStatus = Literal["CREATED", "PICKING", "PACKED", "CANCELLED"]
ParcelCount = Annotated[int, Field(ge=1, le=MOST_PARCELS)]


class PickingLineView(Part):
    """A line of a job: wanted, picked, not found (a person decides), and left out because a person decided so."""

    position: Quantity
    product_id: Uuid
    sku: Name
    name: Name
    quantity: Quantity
    picked: Count
    missing: Count
    left_out: Count


class PickingJobView(Part):
    """A picking job. While ``isShort`` it waits for a person's decision about what could not be found."""

    picking_job_id: Uuid
    order_id: Uuid
    confirmation_number: Name
    status: PickingStatus
    priority: Priority
    delivery_method: DeliveryMethod
    is_short: bool
    parcel_count: Count | None = None
    lines: Annotated[list[PickingLineView], UpToMostItems]


class StartPicking(Command):
    """Take a job. Refused unless its order is being fulfilled and the stock for it is held."""

    owner = OWNER
    key = "picking_job_id"
    response = PickingJobView

    picking_job_id: Uuid


class PickLine(Command):
    """Say how much of one line is picked by now; ``missing`` is what was looked for and not found."""

    owner = OWNER
    key = "picking_job_id"
    response = PickingJobView

    picking_job_id: Uuid
    position: Quantity
    picked: Count
    missing: Count = 0


class PickAllLines(Command):
    """Everything of the job is picked, but for what was reported missing."""

    owner = OWNER
    key = "picking_job_id"
    response = PickingJobView

    picking_job_id: Uuid


class FindMissing(Command):
    """What was missing has turned up: it is to be picked after all."""

    owner = OWNER
    key = "picking_job_id"
    response = PickingJobView

    picking_job_id: Uuid


class AcceptShortPick(Command):
    """Send the order without what is missing. The missing pieces are written off; the customer gets the money for them back."""

    owner = OWNER
    key = "picking_job_id"
    response = PickingJobView

    picking_job_id: Uuid
    reason: RequiredReason


class GiveUpPicking(Command):
    """Nothing of this job will be sent: it ends, its stock is free again, and the order's money goes back."""

    owner = OWNER
    key = "picking_job_id"
    response = PickingJobView

    picking_job_id: Uuid
    reason: RequiredReason


class PackOrder(Command):
    """Everything is picked and in so many parcels: the goods leave the stock. Packing twice changes nothing."""

    owner = OWNER
    key = "picking_job_id"
    response = PickingJobView

    picking_job_id: Uuid
    parcel_count: ParcelCount
