"""One wish, one order: however often and with however many keys it is sent, and however few pieces there are."""

import threading
from collections import Counter

import httpx
import pytest
from django.db import connection

from fulfilment.inventory.models import StockItem
from ordering.checkout.models import CheckoutSession
from ordering.orders.models import Order
from tests.faults.live import Live, at_once, carts_of, product_with

pytestmark = [pytest.mark.xdist_group("faults-one-order"), pytest.mark.slow]

MANY = 50


def codes(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("code", "")) for answer in answers)


def test_one_key_sent_fifty_times_at_once_is_one_order(live: Live) -> None:
    (cart,) = live.carts(1)
    together = threading.Barrier(MANY)

    def submit() -> httpx.Response:
        together.wait()
        return live.submit(cart, key="double click")

    answers = at_once([submit] * MANY, threads=MANY)

    assert set(codes(answers)) <= {(200, ""), (409, "request_in_progress")}
    sessions = {answer.json()["checkoutSessionId"] for answer in answers if answer.status_code == 200}
    assert len(sessions) == 1
    live.await_all(sessions, "COMPLETED")
    assert Order.objects.filter(cart_id=cart[0]).count() == 1
    assert live.submit(cart, key="double click").headers["Idempotent-Replayed"] == "true"
    live.assert_nothing_wrong()


def test_one_key_with_another_body_is_refused(live: Live) -> None:
    (cart,) = live.carts(1)
    accepted = live.submit(cart, key="mine")
    assert accepted.status_code == 200
    changed = live.submit(cart, key="mine", method="pm_card_mastercard")
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_key_reused")
    live.await_all([accepted.json()["checkoutSessionId"]], "COMPLETED")


def test_while_the_first_is_being_worked_on_the_second_is_told_so(live: Live) -> None:
    (cart,) = live.carts(1)
    answers: list[httpx.Response] = []
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM shop_cart WHERE id = %s FOR UPDATE", [cart[0]])
        first = threading.Thread(target=lambda: answers.append(live.submit(cart, key="slow")))
        first.start()
        while True:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                break
        second = live.submit(cart, key="slow")
        cursor.execute("ROLLBACK")
    first.join()

    assert (second.status_code, second.json()["code"]) == (409, "request_in_progress")
    assert int(second.headers["Retry-After"]) >= 1
    assert answers[0].status_code == 200
    live.await_all([answers[0].json()["checkoutSessionId"]], "COMPLETED")
    assert Order.objects.filter(cart_id=cart[0]).count() == 1


def test_one_cart_checked_out_with_fifty_keys_is_one_order(live: Live) -> None:
    (cart,) = live.carts(1)
    answers = at_once([lambda n=n: live.submit(cart, key=f"tab {n}") for n in range(MANY)], threads=16)

    assert {answer.status_code for answer in answers} == {200}
    (session,) = {answer.json()["checkoutSessionId"] for answer in answers}
    live.await_all([session], "COMPLETED")
    assert Order.objects.filter(cart_id=cart[0]).count() == 1
    live.assert_nothing_wrong()


def test_three_hundred_buyers_for_fifty_pieces(live: Live) -> None:
    pieces, buyers = 50, 300
    product = product_with(pieces)
    carts = carts_of(live.data, product, buyers)

    live.await_end(live.submit_all(carts, threads=16))

    ended = Counter(CheckoutSession.objects.filter(cart_id__in=[cart for cart, *_ in carts]).values_list("state", "reason"))
    assert ended == {("COMPLETED", ""): pieces, ("ABORTED", "OUT_OF_STOCK"): buyers - pieces}
    stock = StockItem.objects.get(product_id=product)
    assert (stock.on_hand, stock.reserved, stock.available) == (pieces, pieces, 0)
    assert Order.objects.filter(lines__product_id=product).count() == pieces
    live.assert_nothing_wrong()
