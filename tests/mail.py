"""Mail delivered by the test itself, as workers do it."""

from __future__ import annotations

from collections.abc import Collection

from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.delivery.claim import routes_with_mail
from shop.messaging.delivery.outside import deliver_outside
from shop.messaging.handlers import Outside
from shop.messaging.routing import Route, switchboard


def deliver(route: Route) -> int:
    """One batch, or one piece of work outside; how many deliveries it took."""
    return deliver_outside(route) if isinstance(route.handler, Outside) else deliver_batch(route)


def deliver_all(*, queues: Collection[str] = (), only: Collection[str] = (), but: Collection[str] = ()) -> None:
    """Deliver all that is due until nothing is: in these queues, to these subscribers, and not to those; to all unless told."""
    within = queues or {route.queue for route in switchboard().all_routes()}

    def wanted(route: Route) -> bool:
        return (not only or route.name in only) and route.name not in but

    while sum(deliver(route) for queue in within for route in routes_with_mail(queue) if wanted(route)):
        pass
