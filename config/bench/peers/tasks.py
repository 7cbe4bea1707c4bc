"""Three tasks that hand over to each other."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from celery import chain

from config.bench.peers import flow
from config.bench.peers.app import QUEUE, app


@app.task(name="peer.take_stock", ignore_result=True)
def take_stock(cart: str, products: list[int]) -> None:
    flow.take_stock(UUID(cart), products)


@app.task(name="peer.pay", ignore_result=True)
def pay(amount: int) -> None:
    flow.pay(amount)


@app.task(name="peer.place_order", ignore_result=True)
def place_order(cart: str, products: list[int]) -> None:
    flow.place_order(UUID(cart), products)


def checkout(cart: UUID, products: Sequence[int]) -> chain:
    """The three tasks, each started by the one before."""
    key, bought = str(cart), list(products)
    steps = (take_stock.si(key, bought), pay.si(flow.PRICE * len(bought)), place_order.si(key, bought))
    return chain(*(step.set(queue=QUEUE) for step in steps))
