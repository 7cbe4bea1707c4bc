"""One function per subscription of the purchases."""

from __future__ import annotations

from collections.abc import Sequence

from reviews.purchases.remembering import remember
from shop.contracts.ordering.events import OrderCompleted
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches


@in_batches(50)
def remember_purchases_when_order_completed(batch: Sequence[Envelope[OrderCompleted]]) -> None:
    """Its customer has bought and received its products."""
    remember(batch)
