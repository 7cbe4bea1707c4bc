"""Changing what a reservation holds, for an order that is amended."""

from typing import Annotated

from shop.contracts.base import Command, Event
from shop.contracts.fields import UpToMostItems, UtcTime, Uuid
from shop.contracts.fulfilment.inventory import ReservedItems, UnavailableItem

OWNER = "fulfilment-platform"


class AdjustReservation(Command):
    """Have a reservation hold exactly these items, or leave it as it is. Without items there is nothing to adjust.

    Answered by ReservationAdjusted or ReservationNotAdjusted; the same ``changeId`` is answered alike and takes effect once.
    """

    owner = OWNER
    key = "reservation_id"

    reservation_id: Uuid
    order_id: Uuid
    change_id: Uuid
    items: ReservedItems


class RevertReservation(Command):
    """Undo the adjustment of this change, also one that may never have come about: hold these items, as before.

    Answered by ReservationReverted. A late AdjustReservation of the same change finds that it was called back.
    """

    owner = OWNER
    key = "reservation_id"

    reservation_id: Uuid
    order_id: Uuid
    change_id: Uuid
    items: ReservedItems


class ReservationAdjusted(Event):
    """The reservation holds what was asked for, all of it."""

    owner = OWNER
    key = "reservation_id"

    reservation_id: Uuid
    order_id: Uuid
    change_id: Uuid
    items: ReservedItems
    adjusted_at: UtcTime


class ReservationNotAdjusted(Event):
    """The reservation is as it was: of these too little is available, or, with none named, it holds nothing any more."""

    owner = OWNER
    key = "reservation_id"

    reservation_id: Uuid
    order_id: Uuid
    change_id: Uuid
    unavailable_items: Annotated[list[UnavailableItem], UpToMostItems]
    checked_at: UtcTime


class ReservationReverted(Event):
    """Nothing of this change is left in the reservation, and nothing of it can come back."""

    owner = OWNER
    key = "reservation_id"

    reservation_id: Uuid
    order_id: Uuid
    change_id: Uuid
    reverted_at: UtcTime
