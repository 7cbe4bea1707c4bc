"""What the tests of the mailbox share: a few messages to send and threads to race with."""

import threading
from collections.abc import Callable
from uuid import UUID, uuid4

from django.db import connection, connections
from django.utils import timezone

from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.contracts.shopping import CartAbandoned
from shop.messaging.bus import send, unit_of_work
from shop.messaging.models import Delivery
from shop.messaging.routing import Route, switchboard


def send_releases(count: int) -> list[UUID]:
    """That many commands in one unit of work; the reservation ids they name."""
    ids = [uuid4() for _ in range(count)]
    with unit_of_work():
        for reservation_id in ids:
            send(ReleaseInventory(reservation_id=reservation_id))
    return ids


def abandoned() -> CartAbandoned:
    """A fact, about a cart of its own."""
    return CartAbandoned(event_id=uuid4(), occurred_at=timezone.now(), cart_id=uuid4())


def statuses() -> dict[str, int]:
    """How many deliveries are in which status."""
    found: dict[str, int] = {}
    for status in Delivery.objects.values_list("status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


def make_due() -> None:
    """Whatever backs off is due now."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_delivery SET due_at = now() WHERE status = 'open'")


def only_route() -> Route:
    """The one subscriber of the test's switchboard."""
    (entry,) = switchboard().all_routes()
    return entry


def run_threads(count: int, work: Callable[[], object]) -> None:
    """``work`` in that many threads that start together; raises what any of them raised."""
    barrier = threading.Barrier(count)
    errors: list[BaseException] = []

    def body() -> None:
        barrier.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 — raised again below, in the test's own thread
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=body) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
