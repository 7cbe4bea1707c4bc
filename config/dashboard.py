"""The first page: what needs a person, how today goes, whether everything is alive. Every figure is bounded by an index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from catalog.feeds.figures import import_queues
from catalog.products.figures import products_there
from catalog.search.figures import search_queues
from config.health import heartbeats, mail_by_queue
from config.trends import trend_of
from fulfilment.inventory.figures import stock_queues
from fulfilment.shipping.figures import shipping_queues
from fulfilment.warehouse.figures import picking_queues
from ordering.checkout.figures import checkout_queues
from ordering.orders.figures import order_queues
from payments.figures import payment_queues
from reviews.moderation.figures import review_queues
from shop.console.batches.figures import batches_of
from shop.console.checking.figures import invariant_queues
from shop.console.mailbox.figures import mail_queues
from shop.console.queues import Waiting
from shop.outward.figures import endpoint_queues

QUEUES: Final[Sequence[Callable[[], Sequence[Waiting]]]] = (
    checkout_queues,
    mail_queues,
    invariant_queues,
    order_queues,
    payment_queues,
    stock_queues,
    search_queues,
    picking_queues,
    shipping_queues,
    import_queues,
    review_queues,
    endpoint_queues,
)


def dashboard(request: HttpRequest) -> dict[str, Any]:
    """Everything the page shows to this person."""
    queues = [waiting for some in QUEUES for waiting in some() if request.user.has_perm(waiting.permission)]
    batches = batches_of(request.user)
    if batches:
        queues.append(batches[0])
    may_see_orders = request.user.has_perm("ordering.view_order")
    return {
        "title": "Dashboard",
        "waiting": [one for one in queues if one.count],
        "quiet": [one for one in queues if not one.count],
        "under_way": batches[1] if batches and batches[1].count else None,
        "trend": trend_of() if may_see_orders else None,
        "heartbeats": heartbeats(),
        "mail": mail_by_queue(),
        "first_steps": not products_there(),
        "products_url": reverse("admin:catalog_product_changelist"),
    }
