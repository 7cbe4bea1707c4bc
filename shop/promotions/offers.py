"""Which promotions a cart gets: read the ones in question, count what is limited, apply the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final
from uuid import UUID

from django.db.models.functions import Now

from shop.contracts.accounts import GetSegments
from shop.messaging.bus import ask
from shop.messaging.sets import fetch_rows, instance, select
from shop.promotions.calculation import Applied, Basket, best
from shop.promotions.eligibility import Situation, refusal, terms_of
from shop.promotions.models import CompletedCheckout, Promotion, PromotionUse
from shop.promotions.states import CustomerSegment, Refusal, UseState

_OFFERED: Final = """
    (code = '' AND status = 'ACTIVE' AND NOT paused AND currency IN ('', %s)
     AND (starts_at IS NULL OR starts_at <= now()) AND (ends_at IS NULL OR ends_at > now())
     AND (total_limit IS NULL OR uses < total_limit))
"""
_CLOCK: Final = {"now": Now()}


@dataclass(frozen=True, slots=True)
class Purchase:
    """The cart that asks. ``code`` as the customer typed it; empty for none."""

    basket: Basket
    currency: str
    customer_id: UUID | None
    code: str = ""

    @property
    def wanted_code(self) -> str:
        """The code as it is stored."""
        return self.code.strip().upper()


@dataclass(frozen=True, slots=True)
class Decision:
    """What applies, or why the code that was given does not."""

    applied: Sequence[Applied] = ()
    refused: Refusal | None = None


def offered(purchase: Purchase) -> list[Promotion]:
    """The automatic promotions that run now, and the one with the customer's code whatever its state. One statement.

    Each carries the database's clock as ``now``.
    """
    tail = f"WHERE {_OFFERED} OR (code <> '' AND code = %s) ORDER BY id"
    return select(Promotion, tail, [purchase.currency, purchase.wanted_code], extra="now() AS now")


def offered_unless_held(purchase: Purchase, session_id: UUID) -> list[Promotion] | None:
    """The same, or ``None`` if this checkout session holds uses already: then they were decided before. One statement."""
    rows = fetch_rows(_unless_held_sql(), [session_id, purchase.currency, purchase.wanted_code])
    if rows[0][0]:
        return None
    found = []
    for _, now, *row in rows:
        if row[0] is not None:
            found.append(instance(Promotion, row))
            found[-1].now = now
    return found


@cache
def _unless_held_sql() -> str:
    columns = ", ".join(f"p.{field.column}" for field in Promotion._meta.concrete_fields)
    return f"""
        SELECT EXISTS (SELECT 1 FROM shop_promotionuse u WHERE u.checkout_session_id = %s), now(), {columns}
        FROM (SELECT 1) AS one LEFT JOIN shop_promotion p ON {_OFFERED} OR (code <> '' AND code = %s) ORDER BY p.id
    """


def with_limits_locked(promotions: Sequence[Promotion]) -> list[Promotion]:
    """The same promotions; those whose uses are counted read again under their row locks, taken in primary-key order."""
    limited = [promotion.pk for promotion in promotions if promotion.limited]
    if not limited:
        return list(promotions)
    locked = Promotion.objects.select_for_update(no_key=True).filter(pk__in=limited).annotate(**_CLOCK).order_by("pk")
    fresh = {promotion.pk: promotion for promotion in locked}
    return [fresh.get(promotion.pk, promotion) for promotion in promotions]


def decide(promotions: Sequence[Promotion], purchase: Purchase) -> Decision:
    """What applies by the rules of eligibility and calculation. A code that was given and does not apply decides alone."""
    if purchase.wanted_code and not any(promotion.code for promotion in promotions):
        return Decision(refused=Refusal.UNKNOWN)
    if not promotions:
        return Decision()
    situation = _situation(promotions, purchase)
    reasons = {promotion.pk: refusal(promotion, situation) for promotion in promotions}
    for promotion in promotions:
        if promotion.code and reasons[promotion.pk]:
            return Decision(refused=reasons[promotion.pk])
    applicable = [terms_of(promotion) for promotion in promotions if reasons[promotion.pk] is None]
    return Decision(best(applicable, purchase.basket))


def labels(applied: Iterable[Applied]) -> list[str]:
    """What the customer sees of the promotions that applied, in their order."""
    return [each.terms.label for each in applied]


def _situation(promotions: Sequence[Promotion], purchase: Purchase) -> Situation:
    return Situation(
        now=promotions[0].now,
        basket=purchase.basket,
        currency=purchase.currency,
        segments=_segments(promotions, purchase.customer_id),
        uses_of_customer=_uses(promotions, purchase.customer_id),
    )


def _segments(promotions: Sequence[Promotion], customer_id: UUID | None) -> set[str]:
    """The segments this customer is in, as far as any of these promotions asks."""
    asked = {promotion.customer_segment for promotion in promotions} - {""}
    if customer_id is None or not asked:
        return set()
    found: set[str] = set()
    if asked & set(CustomerSegment.values):
        bought_before = CompletedCheckout.objects.filter(customer_id=customer_id).exists()
        found.add(CustomerSegment.RETURNING if bought_before else CustomerSegment.NEW)
    if asked - set(CustomerSegment.values):
        found |= set(ask(GetSegments(customer_id=customer_id)).segments)
    return found


def _uses(promotions: Sequence[Promotion], customer_id: UUID | None) -> Counter[UUID]:
    counted = [promotion.pk for promotion in promotions if promotion.per_customer_limit is not None]
    if customer_id is None or not counted:
        return Counter()
    uses = PromotionUse.objects.filter(customer_id=customer_id, promotion_id__in=counted)
    return Counter(uses.exclude(status=UseState.GIVEN_BACK).values_list("promotion_id", flat=True))
