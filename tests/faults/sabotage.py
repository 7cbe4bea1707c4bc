"""A worker without one of its nets. Each is taken away to see that the tests notice: a check that cannot fail checks nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from fulfilment.inventory import handlers as inventory
from fulfilment.inventory import ledger
from fulfilment.inventory.ledger import StockLedger
from payments.gateways import stripe
from shop.messaging import outgoing
from shop.messaging.delivery import batches, claim
from shop.messaging.delivery.claim import Claimed
from shop.messaging.routing import Route
from shop.messaging.sets import fetch_rows

LONGEST_WAIT_FOR_ANOTHER = 4.0  # seconds between looking and acting, in which another worker may look too


def await_another_at(mark: str) -> None:
    """Wait until another worker has come to ``mark`` too; not for ever, for the others may be busy elsewhere."""
    gate = Path(os.environ["GATE"])
    mine, line = gate.with_name(f"marks.{os.getpid()}"), f"{mark}\n"
    with mine.open("a") as file:
        file.write(line)
    deadline = time.monotonic() + LONGEST_WAIT_FOR_ANOTHER
    while time.monotonic() < deadline:
        if any(line in file.read_text() for file in gate.parent.glob("marks.*") if file != mine):
            return
        time.sleep(0.005)


def no_claim_lock() -> None:
    """Several workers may take the same mail of one subscriber: one with no other net, for what it says is only said."""
    locked = "FOR UPDATE OF d SKIP LOCKED"
    assert locked in claim.CLAIM
    take, unlocked = claim.claim, claim.CLAIM.replace(locked, "")

    def once_another_has_it(route: Route, limit: int) -> list[Claimed]:
        if not route.name.endswith(".capture_payment_when_order_confirmed"):
            return take(route, limit)
        taken = [Claimed(*row) for row in fetch_rows(unlocked, [route.name, limit])]
        if taken:
            await_another_at(f"delivery {taken[0].delivery_id}")
        return taken

    vars(batches)["claim"] = once_another_has_it


def no_done_mark() -> None:
    """What was delivered looks as if it were not."""
    done = "SET status = 'done', done_at = statement_timestamp()"
    born_done = ("key, status, CASE", "CASE WHEN status = 'done' THEN statement_timestamp() END")
    assert done in outgoing.MARK_DONE
    assert all(part in outgoing.WRITE for part in (done, *born_done))
    outgoing.MARK_DONE = outgoing.MARK_DONE.replace(done, "SET status = status")
    outgoing.WRITE = (
        outgoing.WRITE.replace(done, "SET status = status")
        .replace(born_done[0], "key, CASE status WHEN 'done' THEN 'open' ELSE status END, CASE")
        .replace(born_done[1], "NULL::timestamptz")
    )


def no_idempotency_key() -> None:
    """Every try is a new payment to the provider."""
    hold = stripe.hold

    def under_a_key_of_its_own(**question: Any) -> Any:
        return hold(**{**question, "key": str(uuid4())})

    stripe.hold = under_a_key_of_its_own


def no_stock_guard() -> None:
    """Stock is read without a lock and written without a look; requests are decided in small batches."""
    assert "FOR UPDATE" in ledger.LOCK_STOCK
    ledger.LOCK_STOCK = ledger.LOCK_STOCK.replace("FOR UPDATE", "")
    assert ledger.GUARD in ledger.CHANGE
    ledger.CHANGE = ledger.CHANGE.replace(ledger.GUARD, "true")
    inventory.reserve_inventory.batch_size = 2  # type: ignore[attr-defined]
    read = StockLedger.lock

    def once_another_sees_the_same(product_ids: Collection[UUID]) -> StockLedger:
        found = read(product_ids)
        await_another_at(f"stock {sorted(found.levels.items())}")
        return found

    StockLedger.lock = once_another_sees_the_same  # type: ignore[assignment]


NETS: dict[str, Callable[[], None]] = {
    "claim lock": no_claim_lock,
    "done mark": no_done_mark,
    "idempotency key": no_idempotency_key,
    "stock guard": no_stock_guard,
}


def take_away(net: str) -> None:
    """Take this net away from the process; an empty name leaves everything as it is."""
    if net:
        NETS[net]()
