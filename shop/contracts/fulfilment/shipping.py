"""Warehouse and shipping: a packed order, its shipment and what the carrier says about it."""

from typing import Annotated, Literal

from shop.contracts.addresses import ShippingAddress
from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    Date,
    DeliveryMethod,
    Limit,
    Name,
    Personal,
    Quantity,
    RequiredName,
    RequiredReason,
    UpToMostItems,
    UtcTime,
    Uuid,
)

OWNER = "fulfilment-platform"

ShippingService = Literal["STANDARD", "EXPRESS", "NEXT_DAY"]
ParcelStatus = Literal["ANNOUNCED", "IN_TRANSIT", "DELIVERED", "FAILED"]
FailureReason = Literal["FAILED_DELIVERY", "LOST", "DAMAGED", "RETURNED_TO_SENDER"]


class ParcelView(Part):
    """One parcel of a shipment and the last the carrier said about it."""

    number: Quantity
    status: ParcelStatus
    tracking_number: Name | None = None


class TrackingEntry(Part):
    """One thing the carrier said, and when it says it happened."""

    status: Name
    at: UtcTime
    tracking_number: Name | None = None


class ShipmentView(Part):
    """A shipment; tracking number and carrier are there once the carrier has accepted it.

    ``CLICK_AND_COLLECT`` has neither: CREATED says that the order waits at the counter. DELIVERED means every parcel.
    """

    shipment_id: Uuid
    order_id: Uuid
    status: Literal["REQUESTED", "CREATED", "DELIVERED", "FAILED"]
    tracking_number: Name | None = None
    carrier: Name | None = None
    service: ShippingService | None = None
    delivery_method: DeliveryMethod | None = None
    # A calendar day at the destination.
    estimated_delivery: Date | None = None
    delivered_at: UtcTime | None = None
    failure_reason: FailureReason | None = None
    parcels: Annotated[list[ParcelView], UpToMostItems] | None = None
    tracking: Annotated[list[TrackingEntry], UpToMostItems] | None = None


class CreateShipment(Command):
    """Book a carrier for a packed order. One order has one shipment under way; a repeat answers with it."""

    owner = OWNER
    key = "order_id"
    http = Http("POST", "/shipments", (201, 400, 422))
    response = ShipmentView

    order_id: Uuid
    carrier: Name | None = None
    service: ShippingService | None = None
    parcel_count: Quantity | None = None
    destination: Annotated[ShippingAddress, Personal]


class RetryBooking(Command):
    """Ask the carrier again for a shipment that it refused, under a key of its own: the refused try booked nothing."""

    owner = OWNER
    key = "shipment_id"
    response = ShipmentView

    shipment_id: Uuid


class RedeliverShipment(Command):
    """Send the same parcels again after a failed delivery: a new shipment with a booking of its own."""

    owner = OWNER
    key = "shipment_id"
    response = ShipmentView

    shipment_id: Uuid


class ReplaceShipment(Command):
    """Pick the same goods again for a shipment that failed, from stock that is reserved here and now."""

    owner = OWNER
    key = "shipment_id"
    response = ShipmentView

    shipment_id: Uuid


class MarkShipmentLost(Command):
    """The carrier says nothing any more: count the shipment as lost."""

    owner = OWNER
    key = "shipment_id"
    response = ShipmentView

    shipment_id: Uuid


class GiveUpShipment(Command):
    """Nothing of this shipment will arrive and nobody will try again: the order ends and its money goes back."""

    owner = OWNER
    key = "shipment_id"
    response = ShipmentView

    shipment_id: Uuid
    reason: RequiredReason


class HandOverOrder(Command):
    """The customer has collected the order at the counter."""

    owner = OWNER
    key = "shipment_id"
    response = ShipmentView

    shipment_id: Uuid
    collected_by: Annotated[RequiredName, Personal]


class TrackShipment(Command):
    """Ask the carrier how a booked shipment stands."""

    owner = OWNER
    key = "shipment_id"

    shipment_id: Uuid


class FollowShipments(Command):
    """Ask about what should be known by now: bookings without an answer, shipments without a word; ``limit`` of each."""

    owner = OWNER

    limit: Limit = 200


class ReceiveCarrierWebhook(Command):
    """Work on one stored, already verified webhook of the carrier. The same event twice has one effect."""

    owner = OWNER

    inbox_id: Uuid


class GetShipment(Query):
    """One shipment and where it is."""

    owner = OWNER
    http = Http("GET", "/shipments/{shipmentId}", (200, 404))
    response = ShipmentView

    shipment_id: Uuid


class GetOrderShipment(Query):
    """The newest shipment of an order."""

    owner = OWNER
    http = Http("GET", "/orders/{orderId}/shipment", (200, 404))
    response = ShipmentView

    order_id: Uuid


class OrderPacked(Event):
    """Every line of the order is picked and in a parcel."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    picking_job_id: Uuid | None = None
    parcel_count: Quantity | None = None
    packed_at: UtcTime


class OrderReadyForShipping(Event):
    """The parcels wait for a carrier at the dock, and this is where they go."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid
    customer_id: Uuid | None = None
    parcel_count: Quantity | None = None
    shipping_address: Annotated[ShippingAddress, Personal]
    ready_at: UtcTime


class ShipmentCreated(Event):
    """The carrier has accepted the parcels and can be tracked."""

    owner = OWNER
    key = "order_id"

    shipment_id: Uuid
    order_id: Uuid
    tracking_number: Name
    carrier: Name | None = None
    # A calendar day at the destination.
    estimated_delivery: Date | None = None
    created_at: UtcTime


class ShipmentDelivered(Event):
    """The carrier has handed the parcels over."""

    owner = OWNER
    key = "order_id"

    shipment_id: Uuid
    order_id: Uuid
    delivered_at: UtcTime
    signed_by: Annotated[Name | None, Personal] = None


class ShipmentFailed(Event):
    """The carrier will not deliver these parcels; a person decides what happens next."""

    owner = OWNER
    key = "order_id"

    shipment_id: Uuid
    order_id: Uuid
    reason: FailureReason
    failed_at: UtcTime
