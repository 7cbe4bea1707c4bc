"""What a person decided about an order that cannot arrive as it was bought."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Event
from shop.contracts.fields import Name, UpToMostItems, UtcTime, Uuid
from shop.contracts.fulfilment.inventory import ReservedItem

OWNER = "fulfilment-platform"

UndeliverableReason = Literal["LOST", "DAMAGED", "RETURNED_TO_SENDER", "FAILED_DELIVERY", "NOTHING_TO_PICK"]


class ShortPickAccepted(Event):
    """The order goes out without these items: they could not be found, and its money for them goes back."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    picking_job_id: Uuid
    missing_items: Annotated[list[ReservedItem], UpToMostItems, Field(min_length=1)]
    accepted_by: Name
    accepted_at: UtcTime


class OrderUndeliverable(Event):
    """Nothing of the order will arrive and nobody will try again: the order ends, and its money goes back."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    shipment_id: Uuid | None = None
    picking_job_id: Uuid | None = None
    reason: UndeliverableReason
    decided_by: Name
    decided_at: UtcTime
