"""Whether a promotion applies to a cart at all. No database: the facts come in, the reason comes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shop.promotions.calculation import Basket, Terms, reduction
from shop.promotions.models import Promotion
from shop.promotions.states import PromotionState, Refusal


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides about a promotion. ``now`` is the database's clock; an unknown customer is in no
    segment."""

    now: dt.datetime
    basket: Basket
    currency: str
    segments: Collection[str] = ()
    uses_of_customer: Mapping[UUID, int] = field(default_factory=dict)


def terms_of(promotion: Promotion) -> Terms:
    """The promotion as the calculation takes it."""
    return Terms(
        id=promotion.id,
        label=promotion.label,
        kind=promotion.kind,
        value=promotion.value,
        category=promotion.category,
        stackable=promotion.stackable,
        priority=promotion.priority,
    )


def refusal(promotion: Promotion, situation: Situation) -> Refusal | None:
    """Why ``promotion`` does not apply, or ``None`` when it does. The first reason in the order a customer would want it."""
    return (
        _outside_window(promotion, situation.now)
        or _not_for_this_cart(promotion, situation)
        or _not_for_this_customer(promotion, situation)
        or (Refusal.EXHAUSTED if _used_up(promotion) else None)
    )


def _outside_window(promotion: Promotion, now: dt.datetime) -> Refusal | None:
    if promotion.status == PromotionState.DRAFT:
        return Refusal.UNKNOWN
    if promotion.status == PromotionState.ENDED or (promotion.ends_at and promotion.ends_at <= now):
        return Refusal.EXPIRED
    if promotion.starts_at and promotion.starts_at > now:
        return Refusal.NOT_STARTED
    return Refusal.PAUSED if promotion.paused else None


def _not_for_this_cart(promotion: Promotion, situation: Situation) -> Refusal | None:
    if promotion.currency and promotion.currency != situation.currency:
        return Refusal.OTHER_CURRENCY
    if situation.basket.subtotal < promotion.minimum_spend:
        return Refusal.BELOW_MINIMUM
    if not reduction(terms_of(promotion), situation.basket.base_of(promotion.category)):
        return Refusal.NOTHING_ELIGIBLE
    return None


def _not_for_this_customer(promotion: Promotion, situation: Situation) -> Refusal | None:
    if promotion.customer_segment and promotion.customer_segment not in situation.segments:
        return Refusal.OTHER_CUSTOMERS
    limit = promotion.per_customer_limit
    if limit is not None and situation.uses_of_customer.get(promotion.id, 0) >= limit:
        return Refusal.USED_BY_CUSTOMER
    return None


def _used_up(promotion: Promotion) -> bool:
    return promotion.total_limit is not None and promotion.uses >= promotion.total_limit
