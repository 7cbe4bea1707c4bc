"""One function per subscription of the erasure."""

from __future__ import annotations

from collections.abc import Sequence

from reviews.erasure.forgetting import forget
from shop.contracts.personal_data import CustomerErased
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches


@in_batches(50)
def forget_author_when_customer_erased(batch: Sequence[Envelope[CustomerErased]]) -> None:
    """Nobody can tell any more who wrote, reported and voted."""
    forget({envelope.message.customer_id: envelope for envelope in batch})
