"""Which orders are held the moment they are created, by whom they are looked at, and until when (domain rules of ordering)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ordering.orders.addresses import address_problem
from ordering.orders.states import HoldReason
from shop.contracts.ordering import CreateOrder

HOME_DELIVERY: Final = "HOME_DELIVERY"


@dataclass(frozen=True, slots=True)
class HoldPolicy:
    """Who owns a hold, how long it may wait for a look, and what its customer is told."""

    reason: HoldReason
    owner_team: str
    review_within: timedelta
    customer_message: str


FRAUD_REVIEW: Final = HoldPolicy(
    HoldReason.FRAUD_REVIEW,
    owner_team="fraud",
    review_within=timedelta(hours=24),
    customer_message="We are checking your order and will get back to you within a day.",
)
ADDRESS_VERIFICATION: Final = HoldPolicy(
    HoldReason.ADDRESS_VERIFICATION,
    owner_team="customer-care",
    review_within=timedelta(hours=48),
    customer_message="We could not verify your delivery address. Please check it.",
)


def holds_for(command: CreateOrder) -> tuple[HoldPolicy, ...]:
    """The holds this order starts with; none when it can be confirmed at once."""
    found = []
    if command.fraud_verdict == "review":
        found.append(FRAUD_REVIEW)
    delivered_home = (command.delivery_method or HOME_DELIVERY) == HOME_DELIVERY
    if delivered_home and address_problem(command.delivery_address):
        found.append(ADDRESS_VERIFICATION)
    return tuple(found)
