"""The tools: closed loop, books, accounting, and the exactness of the hot product."""

import os
from collections.abc import Callable, Iterator
from random import Random
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from config.bench import floor, hot, machine, shop_data
from config.bench.accounting import cpu
from config.bench.in_flight import Arrivals, drive
from config.bench.ledger import booked
from config.bench.peers.measure import COMMITTED
from config.bench.peers.models import Order
from config.bench.rates import Rate
from fulfilment.inventory.models import StockItem
from shop.messaging.sets import fetch_rows, run


@pytest.fixture
def tables(transactional_db: None) -> Iterator[None]:
    floor.prepare()
    yield
    floor.remove()


def test_every_job_is_done_once_and_waited_for_until_its_order_is_committed(tables: None):
    done: list[UUID] = []

    def connect() -> Callable[[UUID], None]:
        def order(cart: UUID) -> None:
            run("INSERT INTO floor.orders (cart, total, status, at) VALUES (%s, 1, 'CONFIRMED', now())", [cart])
            connections.close_all()
            done.append(cart)

        return order

    jobs = {cart: cart for cart in (uuid4() for _ in range(12))}
    timings = drive(jobs, clients=3, connect=connect, arrivals=Arrivals(COMMITTED))

    assert sorted(done) == sorted(jobs)
    assert Order.objects.count() == len(timings) == 12
    assert all(timing.arrived >= timing.accepted for timing in timings)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_that_fails_is_not_passed_over():
    def connect() -> Callable[[int], None]:
        def act(number: int) -> None:
            if number == 3:
                raise ConnectionError("refused")

        return act

    with pytest.raises(RuntimeError, match="flows came to their end"):
        drive({uuid4(): number for number in range(5)}, clients=1, connect=connect, arrivals=None)


def test_the_books_count_commits_and_statements_per_flow_without_the_drivers_own_questions(transactional_db: None):
    def measure() -> Rate:
        for _ in range(40):
            fetch_rows("SELECT 1")
        for _ in range(100):
            fetch_rows("SELECT /* bench */ count(*) FROM ordering_order")
        return Rate(1.0)

    rate = booked(10, measure)

    assert 4 <= (rate.statements or 0) < 6
    assert 14 <= (rate.commits or 0) < 18


@pytest.mark.django_db
def test_cpu_is_told_apart_by_whose_it_is():
    everybody, nobody = cpu([os.getpgrp()]), cpu([])

    assert everybody.own > 0
    assert nobody.own == 0
    assert (everybody.postgres or 0) > 0
    assert (everybody.redis or 0) > 0


@pytest.mark.django_db
def test_the_machine_says_whether_commits_are_durable():
    run("SET LOCAL synchronous_commit = on")
    assert machine.describe().durable
    run("SET LOCAL synchronous_commit = off")
    assert not machine.describe().durable


@pytest.mark.django_db
def test_a_product_promised_twice_is_noticed():
    shop = shop_data.stock_up(products=1, customers=1)
    assert hot.promised(shop.products[0]) == 0

    StockItem.objects.filter(product_id=shop.products[0]).update(reserved=1)

    with pytest.raises(RuntimeError, match="stock says 1 promised, its ledger 0, its reservations 0"):
        hot.promised(shop.products[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("products", "lines"), [(1, 1), (5, 2)])
def test_every_cart_buys_two_products_or_the_only_one(products: int, lines: int):
    shop = shop_data.stock_up(products=products, customers=1)

    shop_data.checked_out(shop, 3, Random(1))

    bought = "SELECT jsonb_array_length(payload->'items'), payload->'total' FROM messaging_message WHERE name = 'CartCheckedOut'"
    assert [(number, int(total)) for number, total in fetch_rows(bought)] == [(lines, lines * shop_data.PRICE)] * 3


@pytest.mark.django_db
def test_a_database_that_is_not_for_benchmarks_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    shop_data.stock_up(products=1, customers=1)
    monkeypatch.setitem(connection.settings_dict, "NAME", "shop")

    with pytest.raises(CommandError, match="empties its database"):
        call_command("bench")

    assert StockItem.objects.count() == 1
