"""The nets taken away one at a time: each time the checks that the other tests rely on see it."""

import subprocess
import sys

import pytest
from django.db.models import Sum

from config.sandbox import SandboxControl
from fulfilment.inventory.models import ReservationLine
from shop.contracts.shopping import CheckoutCart
from shop.messaging.bus import execute
from shop.messaging.doorbell import listening
from tests.faults.live import await_until, carts_of, effects_twice, product_with
from tests.faults.tools import Shop, live_holds, open_mail, orders, violations
from tests.fulfilment.race import without

pytestmark = [pytest.mark.xdist_group("faults-controls"), pytest.mark.slow]

PIECES, BUYERS, WORKERS = 3, 12, 2


def work_together(shop: Shop, net: str, **variables: str) -> None:
    """Several workers that begin at once, each without this net; whatever becomes of them."""
    gate = shop.folder / "gate"
    command = [sys.executable, "-m", "tests.faults.worker"]
    env = shop.environment({"WITHOUT": net, "LONGEST": "18", "GATE": str(gate), **variables})
    workers = [subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) for _ in range(WORKERS)]
    try:
        await_until(lambda: len(list(shop.folder.glob("gate.*"))) == WORKERS)
        gate.touch()
    finally:
        if not gate.exists():
            for worker in workers:
                worker.kill()
        for worker in workers:
            worker.wait(timeout=120)


def test_without_the_claim_lock_an_effect_comes_twice(shop: Shop) -> None:
    shop.checkout(12)
    work_together(shop, "claim lock", HOP_BY_HOP="1")
    assert effects_twice() != []


def test_without_the_done_mark_there_is_no_end_to_it(shop: Shop) -> None:
    shop.checkout(2)
    assert shop.work(WITHOUT="done mark", LONGEST="4") == 1
    assert effects_twice() != []
    assert open_mail() > 0


def test_without_the_idempotency_key_the_money_is_held_twice(shop: Shop) -> None:
    with SandboxControl(shop.sandbox.urls["stripe"]) as control:
        control.add_fault("execute_then_timeout", operation="create", times=1, seconds=0)
    shop.checkout()
    assert shop.work(WITHOUT="idempotency key") == 0
    assert orders() == 1
    assert live_holds(shop.sandbox) == 2


def buy(shop: Shop, count: int) -> None:
    """So many buyers of one piece each of a product of which there are fewer."""
    product = product_with(PIECES)
    with listening():
        for cart, customer, _ in carts_of(shop.data, product, count):
            execute(CheckoutCart(cart_id=cart, customer_id=customer, delivery_method="CLICK_AND_COLLECT"))


def test_without_the_stock_guard_more_is_promised_than_there_is(shop: Shop) -> None:
    with without("stock_never_oversold", "stock_ledger_sequence"):
        buy(shop, BUYERS)
        work_together(shop, "stock guard")
        promised = ReservationLine.objects.filter(reservation__status="HELD").aggregate(pieces=Sum("quantity"))["pieces"]
        assert promised > PIECES
        assert violations() != []
