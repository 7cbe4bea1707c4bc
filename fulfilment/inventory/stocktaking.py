"""What people do to stock: receive, correct, count, and say when it is low. Never below what is reserved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fulfilment.inventory.ledger import Level, StockLedger, current_cause
from fulfilment.inventory.models import StockItem, StockMovement
from fulfilment.inventory.states import MovementKind
from shop.contracts.fields import LARGEST_INTEGER
from shop.contracts.fulfilment import StockLevelView
from shop.messaging.audit import record_action
from shop.messaging.errors import Missing, Refused, Unprocessable
from shop.messaging.sets import run

VERBS: Final = {MovementKind.ADJUSTED: "adjust_stock", MovementKind.RECOUNTED: "recount_stock"}
COUNTED: Final = "UPDATE fulfilment_stockitem SET recount_since = NULL WHERE product_id = %s AND recount_since IS NOT NULL"
OPEN_STOCK: Final = "INSERT INTO fulfilment_stockitem (product_id) VALUES (%s) ON CONFLICT DO NOTHING"


def open_stock(product_id: UUID) -> StockLedger:
    """The locked row of a product, made if it was never stocked."""
    run(OPEN_STOCK, [product_id])
    return StockLedger.lock([product_id])


def existing_stock(product_id: UUID) -> StockLedger:
    """The locked row of a product. Raises ``Missing`` if it was never stocked."""
    ledger = StockLedger.lock([product_id])
    if product_id not in ledger.levels:
        raise Missing("stock_not_found", "This product was never stocked.")
    return ledger


def receive(ledger: StockLedger, product_id: UUID, quantity: int, reference: str, reason: str) -> None:
    """Add goods that arrived. The same delivery note brings a product once: a repeat changes nothing.

    Raises ``Refused`` when the note already brought another quantity, ``Unprocessable`` beyond what can be counted.
    """
    if reference and _received_before(product_id, quantity, reference):
        return
    _require_countable(ledger.levels[product_id], quantity)
    ledger.move(MovementKind.RECEIVED, product_id, current_cause(), on_hand=quantity, reference=reference, reason=reason)
    ledger.write()


def _received_before(product_id: UUID, quantity: int, reference: str) -> bool:
    received = StockMovement.objects.filter(product_id=product_id, kind=MovementKind.RECEIVED, reference=reference)
    before = received.values_list("delta_on_hand", flat=True).first()
    if before not in {None, quantity}:
        raise Refused(
            "delivery_already_received",
            f"Delivery {reference} already brought {before} of this product.",
            data={"received": before, "quantity": quantity},
        )
    return before is not None


def correct(ledger: StockLedger, product_id: UUID, delta: int, kind: MovementKind, reason: str) -> None:
    """Change what is on hand by ``delta``, and write down who did it and why.

    Raises ``Refused`` with the figures when less would be left than is reserved, ``Unprocessable`` beyond what can be counted.
    """
    level = ledger.levels[product_id]
    _require_countable(level, delta)
    if level.on_hand + delta < level.reserved:
        raise Refused(
            "stock_is_reserved",
            f"{level.on_hand} on hand {delta:+d} would leave fewer than the {level.reserved} that are reserved.",
            data={**_figures(level), "delta": delta},
        )
    before = _figures(level)
    ledger.move(kind, product_id, current_cause(), on_hand=delta, reason=reason)
    ledger.write()
    _audit(VERBS[kind], product_id, reason, before, _figures(level))


def counted(product_id: UUID) -> None:
    """Somebody has counted: nobody has to be asked to any more."""
    run(COUNTED, [product_id])


def watch_from(ledger: StockLedger, product_id: UUID, threshold: int) -> None:
    """Say from now on when fewer than ``threshold`` are available; at once if that is so already."""
    level = ledger.levels[product_id]
    before = {"lowStockThreshold": level.threshold}
    level.threshold = threshold
    ledger.watch(level, current_cause())
    StockItem.objects.filter(product_id=product_id).update(low_stock_threshold=threshold, low_stock_notified=level.notified)
    _audit("set_low_stock_threshold", product_id, "low stock threshold", before, {"lowStockThreshold": threshold})


def _require_countable(level: Level, delta: int) -> None:
    if level.on_hand + delta > LARGEST_INTEGER:
        raise Unprocessable("too_much_stock", f"No more than {LARGEST_INTEGER} of a product can be counted.")


def _figures(level: Level) -> dict[str, int]:
    return {"onHand": level.on_hand, "reserved": level.reserved, "available": level.available}


def _audit(verb: str, product_id: UUID, reason: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    record_action(verb=verb, target_type="StockItem", target_id=product_id, reason=reason, before=before, after=after)


def stock_view(level: Level) -> StockLevelView:
    """A locked row as its contract shows it."""
    return StockLevelView(
        product_id=level.product_id,
        available=level.available,
        reserved=level.reserved,
        on_hand=level.on_hand,
        low_stock_threshold=level.threshold,
    )
