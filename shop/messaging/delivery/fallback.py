"""When a batch fails, its members go one by one: the culprit is counted and in the end parked, the others have their effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shop.messaging.delivery.claim import Claimed
from shop.messaging.delivery.failure import failure_of, record_failure
from shop.messaging.delivery.retrying import database_is_gone, retrying
from shop.messaging.outgoing import unit_of_work
from shop.messaging.sets import fetch_rows

ATTEMPTS = "SELECT attempts FROM messaging_delivery WHERE id = %s FOR UPDATE"


class BatchFailed(Exception):
    """A transaction that held these deliveries failed, wherever in it. The reason is its ``__cause__``."""

    def __init__(self, delivery_ids: list[int]) -> None:
        super().__init__(f"a batch of {len(delivery_ids)} failed")
        self.delivery_ids = delivery_ids


@contextmanager
def holding(claimed: list[Claimed]) -> Iterator[None]:
    """Whatever is raised inside, the commit included, is said to be about what ``claimed`` has come to hold.

    Raises ``BatchFailed``, or the error itself when nothing had been claimed yet.
    """
    try:
        yield
    except Exception as error:
        if not claimed:
            raise
        raise BatchFailed([item.delivery_id for item in claimed]) from error


def one_by_one_if_it_fails(together: Callable[[], int], alone: Callable[[int], int]) -> int:
    """``together()``, or if that fails ``alone(delivery_id)`` for each it held; how many deliveries were dealt with, failures
    included. Raises when the database is gone: then nobody is to blame."""
    try:
        return retrying(together)
    except BatchFailed as failed:
        _reason(failed)
        return sum(_alone(alone, delivery_id) for delivery_id in failed.delivery_ids)


def _alone(alone: Callable[[int], int], delivery_id: int) -> int:
    try:
        return retrying(lambda: alone(delivery_id))
    except BatchFailed as failed:
        _count(delivery_id, _reason(failed))
        return 1


def _reason(failed: BatchFailed) -> BaseException:
    reason = failed.__cause__ or failed
    if database_is_gone(reason):
        raise reason from None
    return reason


def _count(delivery_id: int, error: BaseException) -> None:
    with unit_of_work():
        for (attempts,) in fetch_rows(ATTEMPTS, [delivery_id]):
            record_failure(delivery_id, attempts, failure_of(error))
