"""A closed loop: so many jobs in flight at once, each client starting its next when the last one has arrived."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TypeVar
from uuid import UUID

from django.db import connections, transaction

from shop.messaging.sets import fetch_rows

T = TypeVar("T")
POLL_SECONDS = 0.002
LONGEST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds until the job was handed over, and until its order was committed."""

    accepted: float
    arrived: float


@dataclass(slots=True)
class Arrivals:
    """One poller for all clients: asks once for every cart in flight and wakes whoever waits for it.

    ``sql`` gives the carts, of the array it is asked about, whose orders are committed.
    """

    sql: str
    waiting: dict[UUID, threading.Event] = field(default_factory=dict)
    stopped: bool = False

    def expect(self, cart: UUID) -> threading.Event:
        """An event that is set once the order of this cart has arrived."""
        self.waiting[cart] = threading.Event()
        return self.waiting[cart]

    def poll(self) -> None:
        """Look until told to stop, all in one transaction so that the books count it once."""
        with transaction.atomic():
            while not self.stopped:
                carts = list(self.waiting)
                for (cart,) in fetch_rows(self.sql, [carts]) if carts else ():
                    self.waiting.pop(cart).set()
                time.sleep(POLL_SECONDS)
        connections.close_all()


def drive(
    jobs: Mapping[UUID, T], *, clients: int, connect: Callable[[], Callable[[T], None]], arrivals: Arrivals | None
) -> list[Timing]:
    """Do all ``jobs`` (by cart). Each client calls ``connect`` once and what it got for every job.

    Without ``arrivals`` a job has arrived when it is handed over. Raises ``RuntimeError`` when a job fails or does not arrive.
    """
    todo: SimpleQueue[tuple[UUID, T]] = SimpleQueue()
    for job in jobs.items():
        todo.put(job)
    timings: list[Timing] = []
    threads = [threading.Thread(target=lambda: timings.extend(_client(todo, connect(), arrivals))) for _ in range(clients)]
    poller = threading.Thread(target=arrivals.poll) if arrivals else None
    for thread in (*threads, *([poller] if poller else [])):
        thread.start()
    for thread in threads:
        thread.join()
    if arrivals and poller:
        arrivals.stopped = True
        poller.join()
    if len(timings) != len(jobs):
        raise RuntimeError(f"only {len(timings)} of {len(jobs)} flows came to their end")
    return timings


def _client(todo: SimpleQueue[tuple[UUID, T]], act: Callable[[T], None], arrivals: Arrivals | None) -> Iterator[Timing]:
    while True:
        try:
            cart, job = todo.get_nowait()
        except Empty:
            return
        arrived = arrivals.expect(cart) if arrivals else None
        started = time.perf_counter()
        act(job)
        accepted = time.perf_counter()
        if arrived and not arrived.wait(LONGEST_SECONDS):
            raise RuntimeError(f"the order of cart {cart} was not there within {LONGEST_SECONDS:.0f} s")
        yield Timing((accepted - started) * 1000, (time.perf_counter() - started) * 1000)
