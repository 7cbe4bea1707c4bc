"""Stock on its way out: set aside for an order that exists, written off when it cannot be found, booked out when it is packed.

Called by warehouse and shipping inside their own transaction, so that a job and its stock cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce, Now

from fulfilment.inventory import holds
from fulfilment.inventory.holds import Quantities
from fulfilment.inventory.ledger import StockLedger, current_cause
from fulfilment.inventory.models import Reservation, ReservationLine, StockItem
from fulfilment.inventory.states import MovementKind, ReservationStatus
from shop.contracts.fulfilment import InventoryConsumed, InventoryReserved, UnavailableItem
from shop.messaging.bus import publish
from shop.messaging.errors import Refused

NOT_FOUND = "not found while picking"


def status_of(reservation_id: UUID | None) -> str:
    """How a reservation stands, its row locked; empty when there is none."""
    row = holds.locked({reservation_id}).get(reservation_id) if reservation_id else None
    return str(row.status) if row else ""


def secure(reservation_id: UUID, order_id: UUID, customer_id: UUID, quantities: Quantities) -> None:
    """Set these aside for an order that exists, all of them or none. Publishes ``InventoryReserved``.

    Raises ``Refused`` (``out_of_stock``) with what is missing; nothing is set aside then.
    """
    ledger = StockLedger.lock(quantities)
    shortages = [
        UnavailableItem(product_id=product_id, requested=wanted, available=ledger.available(product_id))
        for product_id, wanted in sorted(quantities.items())
        if ledger.available(product_id) < wanted
    ]
    if shortages:
        data = {"unavailableItems": [item.data() for item in shortages]}
        raise Refused("out_of_stock", "There is not enough stock for every item.", data=data)
    now, cause = holds.database_now(), current_cause()
    reservation = Reservation.objects.create(
        id=reservation_id, order_id=order_id, customer_id=customer_id, order_bound=True, created_at=now
    )
    lines = [ReservationLine(reservation=reservation, product_id=key, quantity=wanted) for key, wanted in quantities.items()]
    ReservationLine.objects.bulk_create(lines)
    for product_id, wanted in quantities.items():
        ledger.move(MovementKind.RESERVED, product_id, cause, reserved=wanted, reservation_id=reservation_id)
    ledger.write()
    fact = InventoryReserved(reservation_id=reservation_id, order_id=order_id, items=holds.items(quantities), reserved_at=now)
    publish(fact)


def write_off(reservation_id: UUID | None, missing: Quantities, reference: str) -> None:
    """These pieces of a reservation are not where they should be: they leave the stock, and somebody should count.

    What would otherwise be free again is not there to be sold. ``reference`` says for whom they were looked for. Pieces the
    reservation does not hold (any more) are not written off: that they are missing is for the count to say.
    """
    _ask_for_a_count(missing)
    reservation = holds.locked({reservation_id}).get(reservation_id) if reservation_id else None
    if reservation is None or reservation.status != ReservationStatus.HELD:
        return
    held = holds.lines_of({reservation.id})[reservation.id]
    gone = {key: min(count, held[key]) for key, count in missing.items() if key in held}
    ledger, cause = StockLedger.lock(gone), current_cause()
    reason = f"{NOT_FOUND} {reference}"[:250]
    for product_id, count in sorted(gone.items()):
        ledger.move(
            MovementKind.ADJUSTED,
            product_id,
            cause,
            on_hand=-count,
            reserved=-count,
            reservation_id=reservation.id,
            reason=reason,
        )
    ledger.write()
    _shrink(reservation.id, held, gone)


def book_out(reservation_id: UUID | None, order_id: UUID, picked: Quantities) -> None:
    """What was picked leaves the stock, and the reservation is consumed. Publishes ``InventoryConsumed``.

    Pieces that are reserved and were not picked are free again; pieces that were picked beyond the reservation are taken from
    what is available. Raises ``Refused`` when the reservation holds nothing, or there is not that much.
    """
    reservation = holds.locked({reservation_id}).get(reservation_id) if reservation_id else None
    if reservation is None or reservation.status != ReservationStatus.HELD:
        raise Refused("reservation_not_held", "The stock of this order is not reserved, so it cannot leave the house.")
    held = holds.lines_of({reservation.id})[reservation.id]
    ledger = StockLedger.lock({*held, *picked})
    _require_enough(ledger, held, picked)
    cause = current_cause()
    for product_id in sorted({*held, *picked}):
        count, reserved = picked.get(product_id, 0), held.get(product_id, 0)
        used = min(count, reserved)
        if count:
            ledger.move(MovementKind.CONSUMED, product_id, cause, on_hand=-count, reserved=-used, reservation_id=reservation.id)
        if reserved > used:
            ledger.move(MovementKind.RELEASED, product_id, cause, reserved=used - reserved, reservation_id=reservation.id)
    ledger.write()
    now = holds.database_now()
    reservation.consume(at=now)
    holds.save_states([reservation])
    publish(InventoryConsumed(reservation_id=reservation.id, order_id=order_id, items=holds.items(picked), consumed_at=now))


def _require_enough(ledger: StockLedger, held: Quantities, picked: Quantities) -> None:
    for product_id, count in picked.items():
        beyond = count - held.get(product_id, 0)
        if beyond > 0 and ledger.available(product_id) < beyond:
            raise Refused(
                "more_than_reserved",
                f"{beyond} more of a product were picked than are reserved, and stock says there are not that many: recount it.",
                data={"productId": str(product_id)},
            )


def _shrink(reservation_id: UUID, held: Mapping[UUID, int], gone: Quantities) -> None:
    lines = ReservationLine.objects.filter(reservation_id=reservation_id)
    lines.filter(product_id__in=[key for key, count in gone.items() if count == held[key]]).delete()
    for product_id, count in gone.items():
        if count < held[product_id]:
            lines.filter(product_id=product_id).update(quantity=F("quantity") - count)


def _ask_for_a_count(missing: Quantities) -> None:
    StockItem.objects.filter(product_id__in=list(missing)).update(recount_since=Coalesce("recount_since", Now()))
