"""What customers think better of after they have paid: cancelled, more of it, less of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from config.demo.journeys.journey import Journey, Look
from config.demo.journeys.scarcity import in_stock
from config.demo.results import Facts
from config.demo.shopping import Posted
from config.demo.stage import Stage

SOME: Final = 5
STOCK: Final = 30
CANCEL_PRICE, AMEND_PRICE = 5_431, 2_347
PAID, PATIENCE = "AWAITING_FULFILMENT", 30.0
Mine = Sequence[tuple[Posted, dict[str, Any]]]


def cancelled_after_payment(stage: Stage) -> Look:
    """Paid, and cancelled by its customer before the warehouse has it: stock and money come back by themselves."""
    product = stage.product("Brass telescope", price=CANCEL_PRICE, stock=STOCK)
    posted = stage.check_out(stage.baskets(stage.some(SOME), lambda: [(product, 2)]))
    orders = _paid(stage, posted)
    stage.at_once(lambda each: stage.door.cancel(each[0].basket.buyer, each[1]["orderId"]), orders)
    return lambda: stage.observe(posted, lambda: {"paid back": _as_paid(stage, orders, 0), "back in stock": in_stock(product)})


def amended(stage: Stage) -> Look:
    """Paid, and then some want three instead of one, and others one instead of three."""
    product = stage.product("Linen sheet", price=AMEND_PRICE, stock=STOCK)
    few = stage.check_out(stage.baskets(stage.some(SOME), lambda: [(product, 1)]))
    many = stage.check_out(stage.baskets(stage.some(SOME), lambda: [(product, 3)]))
    up, down = _paid(stage, few), _paid(stage, many)
    for orders, wanted in ((up, 3), (down, 1)):
        stage.at_once(lambda each: stage.door.set_quantity(each[0].basket.buyer, each[1]["orderId"], wanted), orders)  # noqa: B023

    def extra() -> Facts:
        more, less = _as_paid(stage, up, 3 * AMEND_PRICE), _as_paid(stage, down, AMEND_PRICE)
        return {"paid for three": more, "paid for one": less, "left in stock": in_stock(product)}

    return lambda: stage.observe([*few, *many], extra)


def _paid(stage: Stage, posted: Sequence[Posted]) -> Mine:
    """These orders, once all of them are paid and wait for the warehouse."""
    views = stage.ends(posted)
    orders = [(each, view) for each, view in zip(posted, views, strict=True) if "orderId" in view]

    def all_wait() -> bool:
        seen = stage.at_once(lambda each: stage.door.order(each[0].basket.buyer, each[1]["orderId"]), orders)
        return all(order["lifecycleStatus"] == PAID for order in seen)

    stage.until(all_wait, PATIENCE)
    return orders


def _as_paid(stage: Stage, orders: Mine, amount: int) -> int:
    """For how many of these orders the provider, by its own ledger, keeps exactly so much (minor units)."""
    ledger = stage.control.ledger("stripe")
    kept: Counter[str] = Counter()
    owners = {}
    for intent in ledger["intents"]:
        owners[intent["id"]] = intent["metadata"].get("order_id", "")
        kept[owners[intent["id"]]] += intent["amount_received"]
    for refund in ledger["refunds"]:
        if refund["status"] in {"pending", "succeeded"}:
            kept[owners.get(refund["payment_intent"], "")] -= refund["amount"]
    return sum(kept[view["orderId"]] == amount for _, view in orders)


JOURNEYS: Final = (
    Journey(
        name="cancelled after payment",
        expected={"cancelled": SOME, "charged once": SOME, "paid back": SOME, "back in stock": STOCK},
        orders=SOME,
        play=cancelled_after_payment,
    ),
    Journey(
        name="amended after payment",
        expected={
            "awaiting fulfilment": 2 * SOME,
            "charged once": 2 * SOME,
            "paid for three": SOME,
            "paid for one": SOME,
            "left in stock": STOCK - 4 * SOME,
        },
        orders=2 * SOME,
        play=amended,
    ),
)
