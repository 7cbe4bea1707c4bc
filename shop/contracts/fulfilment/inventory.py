"""Inventory: stock, its movements and reservations. On hand is always available plus reserved."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    Count,
    Integer,
    Limit,
    Name,
    Quantity,
    Reason,
    RequiredReason,
    UpToMostItems,
    UtcTime,
    Uuid,
    Uuids,
)

OWNER = "fulfilment-platform"

ReservationStatus = Literal["HELD", "CONSUMED", "RELEASED", "EXPIRED"]
ReleaseReason = Literal["CHECKOUT_FAILED", "ORDER_CANCELLED", "EXPIRED"]


def _not_zero(delta: int) -> int:
    if delta == 0:
        raise ValueError("a correction by nothing is no correction")
    return delta


class ReservedItem(Part):
    """So many of a product, set aside together with the other items of its reservation."""

    product_id: Uuid
    quantity: Quantity


ReservedItems = Annotated[list[ReservedItem], UpToMostItems]


class ReservationView(Part):
    """A reservation and whether it still holds stock; a HELD one lapses at ``expiresAt``."""

    reservation_id: Uuid
    status: ReservationStatus
    items: ReservedItems
    expires_at: UtcTime | None = None


class StockLevelView(Part):
    """How much of a product can still be promised, and how much is already set aside."""

    product_id: Uuid
    available: Count
    reserved: Count | None = None
    on_hand: Count | None = None
    low_stock_threshold: Count | None = None


class StockLevels(Part):
    """The levels that were found; a product nobody has stocked is simply missing."""

    levels: Annotated[list[StockLevelView], UpToMostItems]


class ReleaseInventory(Command):
    """Let go of a reservation that still holds stock. Releasing twice changes nothing."""

    owner = OWNER
    key = "reservation_id"
    http = Http("POST", "/reservations/{reservationId}/release", (200, 404))
    response = ReservationView

    reservation_id: Uuid
    reason: ReleaseReason | None = None


class ConsumeReservation(Command):
    """Turn a held reservation into stock that has left for an order."""

    owner = OWNER
    key = "reservation_id"

    reservation_id: Uuid
    order_id: Uuid


class ExtendReservation(Command):
    """Hold a reservation for so many minutes more."""

    owner = OWNER
    key = "reservation_id"
    response = ReservationView

    reservation_id: Uuid
    minutes: Annotated[int, Field(ge=1, le=10_080)]
    reason: Reason | None = None


class ExpireReservations(Command):
    """Release held reservations whose time is up, at most ``limit`` of them."""

    owner = OWNER

    limit: Limit = 500


class ReceiveStock(Command):
    """Goods have arrived: add them to what is on hand."""

    owner = OWNER
    key = "product_id"
    response = StockLevelView

    product_id: Uuid
    quantity: Quantity
    reference: Name | None = None
    reason: Reason | None = None


class AdjustStock(Command):
    """Correct what is on hand by a difference (damage, theft, a find). Never below what is reserved."""

    owner = OWNER
    key = "product_id"
    response = StockLevelView

    product_id: Uuid
    delta: Annotated[Integer, AfterValidator(_not_zero), Field(json_schema_extra={"not": {"const": 0}})]
    reason: RequiredReason


class RecountStock(Command):
    """Set what is on hand to what somebody counted. Never below what is reserved."""

    owner = OWNER
    key = "product_id"
    response = StockLevelView

    product_id: Uuid
    counted: Count
    reason: RequiredReason


class SetLowStockThreshold(Command):
    """Say from which available quantity downwards a product counts as running low; 0 means never."""

    owner = OWNER
    key = "product_id"
    response = StockLevelView

    product_id: Uuid
    threshold: Count


class InventoryReserved(Event):
    """Every item is set aside, all of them or none, until ``expiresAt``."""

    owner = OWNER
    key = "reservation_id"

    reservation_id: Uuid
    order_id: Uuid | None = None
    cart_id: Uuid | None = None
    items: ReservedItems
    reserved_at: UtcTime
    checkout_session_id: Uuid | None = None
    expires_at: UtcTime | None = None


class UnavailableItem(Part):
    """A product of which fewer are available than were asked for."""

    product_id: Uuid
    requested: Quantity
    available: Count


class InventoryUnavailable(Event):
    """Nothing was set aside, because of at least one of these items."""

    owner = OWNER
    key = "reservation_id"

    order_id: Uuid | None = None
    cart_id: Uuid | None = None
    unavailable_items: Annotated[list[UnavailableItem], UpToMostItems]
    checked_at: UtcTime
    checkout_session_id: Uuid | None = None
    reservation_id: Uuid | None = None


class InventoryReleased(Event):
    """The items of a reservation can be promised to others again."""

    owner = OWNER
    key = "reservation_id"

    reservation_id: Uuid
    order_id: Uuid | None = None
    cart_id: Uuid | None = None
    reason: ReleaseReason | None = None
    items: ReservedItems
    released_at: UtcTime
    checkout_session_id: Uuid | None = None


class InventoryConsumed(Event):
    """The items of a reservation have left the stock for an order."""

    owner = OWNER
    key = "reservation_id"

    reservation_id: Uuid
    order_id: Uuid
    items: ReservedItems
    consumed_at: UtcTime


class StockLow(Event):
    """Fewer of a product are available than its threshold. Said once per fall below it."""

    owner = OWNER
    key = "product_id"

    product_id: Uuid
    available: Count
    threshold: Count
    occurred_at: UtcTime


class GetStockLevel(Query):
    """How much of one product there is."""

    owner = OWNER
    http = Http("GET", "/stock/{productId}", (200, 404))
    response = StockLevelView

    product_id: Uuid


class GetStockLevels(Query):
    """How much of many products there is, in one answer."""

    owner = OWNER
    response = StockLevels

    product_ids: Uuids
