"""A comparison is fair only if everybody writes the same."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from config.bench import floor
from config.bench.peers import flow
from config.bench.peers.models import Product
from config.bench.peers.tasks import checkout
from shop.messaging.sets import fetch_rows

# Rows for each order: reservations, payments, lines, outbox rows, and units taken.
WRITTEN = """
    SELECT (SELECT count(*) FROM floor.orders),
           (SELECT count(*) FROM floor.reservation WHERE status = 'HELD'),
           (SELECT count(*) FROM floor.payment WHERE amount = 4200),
           (SELECT count(*) FROM floor.order_line l JOIN floor.orders o ON o.id = l.order_id WHERE o.total = 4200),
           (SELECT count(*) FROM floor.outbox), (SELECT sum(1000000000 - stock) FROM floor.product)
"""
KINDS = "SELECT name, count(*) FROM floor.outbox GROUP BY name ORDER BY name"


@pytest.fixture(autouse=True)
def tables(transactional_db: None) -> Iterator[None]:
    floor.prepare()
    yield
    floor.remove()


def written() -> tuple[int, list[float], list[tuple[str, float]]]:
    """How many orders, and what each of them came with."""
    orders, *rows = (int(figure) for figure in fetch_rows(WRITTEN)[0])
    return orders, [figure / orders for figure in rows], [(name, count / orders) for name, count in fetch_rows(KINDS)]


EACH = [1, 1, 2, 3, 2]
SAID = [("InventoryReserved", 1), ("OrderCreated", 1), ("PaymentAuthorized", 1)]


@pytest.mark.parametrize("transactions", [1, 3])
def test_the_floor_writes_the_whole_flow(transactions: int):
    rate = floor.measure(floor.script(transactions=transactions), clients=1, seconds=1)

    orders, rows, said = written()
    assert (rows, said) == (EACH, SAID)
    assert rate.per_second > 0
    assert transactions <= (rate.commits or 0) < transactions + 100 / orders


def test_the_hot_row_is_the_same_flow_with_one_line_of_one_product():
    floor.measure(floor.hot_script(), clients=2, seconds=1)

    orders, rows, said = written()
    assert (rows, said) == ([1, 1, 1, 3, 1], SAID)
    assert Product.objects.get(pk=1).stock == 1_000_000_000 - orders


def test_the_view_writes_what_the_floor_writes():
    flow.all_at_once(uuid4(), [7, 3])

    assert written() == (1, EACH, SAID)


def test_the_chain_writes_what_the_floor_writes():
    checkout(uuid4(), [7, 3]).apply().get()

    assert written() == (1, EACH, SAID)


def test_stock_is_guarded_and_a_refusal_leaves_nothing_behind():
    Product.objects.filter(pk=7).update(stock=0)

    with pytest.raises(flow.SoldOut):
        flow.all_at_once(uuid4(), [3, 7])

    assert Product.objects.get(pk=3).stock == 1_000_000_000
    assert fetch_rows("SELECT count(*) FROM floor.reservation") == [(0,)]
