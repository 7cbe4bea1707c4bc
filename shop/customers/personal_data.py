"""Everything the shop holds about one customer, gathered from every department that holds some through its own query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from shop.contracts.customers import GetCustomer, GetCustomerAddresses
from shop.contracts.personal_data import (
    GetCartsOfCustomer,
    GetOrdersOfCustomer,
    GetPersonalData,
    GetPromotionUsesOfCustomer,
    GetReviewsOfCustomer,
    PersonalData,
)
from shop.customers.locking import now
from shop.customers.segments import segments_of
from shop.customers.sessions import live_sessions
from shop.messaging.bus import ask

PAGE = 200


def get_personal_data(query: GetPersonalData) -> PersonalData:
    """Profile, addresses, segments, sessions, carts, orders, promotion uses and reviews. Raises ``Missing``."""
    customer_id = query.customer_id
    profile = ask(GetCustomer(customer_id=customer_id))
    return PersonalData(
        exported_at=now(),
        profile=profile,
        addresses=ask(GetCustomerAddresses(customer_id=customer_id)).addresses,
        segments=segments_of(customer_id).segments,
        sessions=live_sessions(customer_id),
        carts=list(_all(lambda after: ask(GetCartsOfCustomer(customer_id=customer_id, after=after)).carts, "cart_id")),
        orders=list(_all(lambda after: ask(GetOrdersOfCustomer(customer_id=customer_id, after=after)).orders, "order_id")),
        promotion_uses=ask(GetPromotionUsesOfCustomer(customer_id=customer_id)).uses,
        reviews=list(_all(lambda after: ask(GetReviewsOfCustomer(customer_id=customer_id, after=after)).reviews, "review_id")),
    )


def _all(page_after: Callable[[UUID | None], Sequence[Any]], key: str) -> Iterator[Any]:
    """Page after page until one is not full."""
    after: UUID | None = None
    while page := page_after(after):
        yield from page
        if len(page) < PAGE:
            return
        after = getattr(page[-1], key)
