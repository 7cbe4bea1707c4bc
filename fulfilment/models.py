"""The tables of the fulfilment department, system by system."""

from fulfilment.inventory.models import Reservation, ReservationChange, ReservationLine, StockItem, StockMovement
from fulfilment.shipping.models import CarrierCall, CarrierWebhook, Parcel, Shipment, TrackingEvent
from fulfilment.warehouse.models import PickingJob, PickingLine

__all__ = [
    "CarrierCall",
    "CarrierWebhook",
    "Parcel",
    "PickingJob",
    "PickingLine",
    "Reservation",
    "ReservationChange",
    "ReservationLine",
    "Shipment",
    "StockItem",
    "StockMovement",
    "TrackingEvent",
]
