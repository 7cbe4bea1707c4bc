"""Promotions: what a cart is let off, and the uses that checkouts hold, keep and give back."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from uuid_utils.compat import uuid7

from shop.contracts.ordering.checkout import CheckoutAborted, CheckoutCompleted
from shop.contracts.ordering.events import OrderCancelled
from shop.contracts.promotions import (
    ActivatePromotion,
    CreatePromotion,
    EndPromotion,
    HoldPromotionUse,
    PromotionView,
)
from shop.contracts.shopping import BasketLine, CalculateDiscount, DiscountCalculated, DiscountView, LineDiscount
from shop.messaging.audit import record_action
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Invalid, Refused
from shop.messaging.handlers import in_batches
from shop.messaging.outgoing import cause_within
from shop.messaging.sets import select
from shop.promotions.calculation import Applied, Basket, Line, by_line, taken, total
from shop.promotions.drafting import check, drafted, insert, view_of
from shop.promotions.editing import locked_promotion
from shop.promotions.eligibility import terms_of
from shop.promotions.models import Promotion, PromotionUse
from shop.promotions.offers import Purchase, decide, labels, offered, offered_unless_held, with_limits_locked
from shop.promotions.settling import give_back, give_back_of_orders, keep, remember
from shop.promotions.states import PromotionState, Refusal


def calculate_discount(command: CalculateDiscount) -> DiscountView:
    """What this cart would be let off now. Raises ``Refused`` (400) for a code that does not apply, with the reason."""
    purchase = _purchase(command, command.items or [])
    decision = decide(offered(purchase), purchase)
    if decision.refused:
        raise _not_applicable(decision.refused, status=400)
    return _answer(decision.applied, command.items or [])


def hold_promotion_use(command: HoldPromotionUse) -> DiscountView:
    """What this checkout is let off; one use of each promotion that did it is held under its row lock until the end.

    Raises ``Refused`` (409) for a code that does not apply, with the reason.
    """
    purchase = _purchase(command, command.items)
    offers = offered_unless_held(purchase, command.checkout_session_id)
    if offers is None:
        earlier = select(PromotionUse, "WHERE checkout_session_id = %s ORDER BY id", [command.checkout_session_id])
        return _answer_again(earlier, command)
    promotions = with_limits_locked(offers)
    decision = decide(promotions, purchase)
    if decision.refused:
        raise _not_applicable(decision.refused, status=409)
    answer = _answer(decision.applied, command.items)
    if decision.applied:
        _hold(command, decision.applied)
        publish(
            DiscountCalculated(
                event_id=uuid7(),
                occurred_at=promotions[0].now,
                cart_id=command.cart_id,
                discount=answer.discount,
                currency=command.currency,
                applied_promotions=answer.applied_promotions,
            ),
            cause=cause_within(command.checkout_session_id),
        )
    return answer


@in_batches()
def keep_promotion_uses_when_checkout_completed(batch: Sequence[Envelope[CheckoutCompleted]]) -> None:
    """The checkouts became orders: what they used stays used, and their customers are no longer new."""
    events = [envelope.message for envelope in batch]
    remember((event.checkout_session_id, event.customer_id) for event in events)
    keep({event.checkout_session_id: event.order_id for event in events})


@in_batches()
def give_back_promotion_uses_when_checkout_aborted(batch: Sequence[Envelope[CheckoutAborted]]) -> None:
    """The checkouts failed: what they held is free for others again."""
    give_back([envelope.message.checkout_session_id for envelope in batch])


@in_batches()
def give_back_promotion_uses_when_order_cancelled(batch: Sequence[Envelope[OrderCancelled]]) -> None:
    """The orders were cancelled, so nothing was shipped: their uses are free again where the promotion says so."""
    give_back_of_orders([envelope.message.order_id for envelope in batch])


def create_promotion(command: CreatePromotion) -> PromotionView:
    """Store a draft, or answer with the promotion that has this id already.

    Raises ``Invalid`` (400) when it contradicts itself and ``Refused`` (409) for a code in use.
    """
    check(command)
    return insert(drafted(command))


def activate_promotion(command: ActivatePromotion) -> PromotionView:
    """Let it apply. Raises ``Missing`` (404), and ``Refused`` (409) for one that has ended."""
    promotion = locked_promotion(command.promotion_id)
    if promotion.status == PromotionState.ENDED:
        raise Refused("promotion_ended", "A promotion that has ended cannot be activated again.")
    if promotion.status == PromotionState.DRAFT:
        promotion.activate()
        promotion.version += 1
        promotion.save(update_fields=["status", "version"])
    return view_of(promotion)


def end_promotion(command: EndPromotion) -> PromotionView:
    """Let it apply no more; uses that are held stay. A reason goes into the audit trail. Raises ``Missing`` (404)."""
    promotion = locked_promotion(command.promotion_id)
    if promotion.status != PromotionState.ENDED:
        before = {"status": promotion.status}
        promotion.end()
        promotion.version += 1
        promotion.save(update_fields=["status", "version"])
        if command.reason:
            after = {"status": promotion.status}
            record_action(
                verb="end",
                target_type="promotion",
                target_id=promotion.pk,
                reason=command.reason,
                before=before,
                after=after,
            )
    return view_of(promotion)


def _purchase(command: CalculateDiscount | HoldPromotionUse, items: Sequence[BasketLine]) -> Purchase:
    lines = tuple(Line(item.quantity * item.unit_price, item.category or "") for item in items)
    if lines and sum(line.amount for line in lines) != command.subtotal:
        sentence = "The items do not add up to the subtotal."
        raise Invalid("invalid_cart", sentence, errors={"subtotal": [sentence]})
    return Purchase(Basket(command.subtotal, lines), command.currency, command.customer_id, command.promotion_code or "")


def _not_applicable(reason: Refusal, *, status: int) -> Refused:
    return Refused("promotion_not_applicable", reason.label, data={"reason": reason.value}, status=status)


def _answer(applied: Sequence[Applied], items: Sequence[BasketLine]) -> DiscountView:
    shares = by_line(applied, len(items)) if items else []
    lines = [LineDiscount(product_id=item.product_id, discount=share) for item, share in zip(items, shares, strict=True)]
    return DiscountView(discount=total(applied), applied_promotions=labels(applied), lines=lines or None)


def _answer_again(uses: Sequence[PromotionUse], command: HoldPromotionUse) -> DiscountView:
    promotions = Promotion.objects.in_bulk([use.promotion_id for use in uses])
    decided = [(terms_of(promotions[use.promotion_id]), use.amount) for use in uses]
    return _answer(taken(decided, _purchase(command, command.items).basket), command.items)


def _hold(command: HoldPromotionUse, applied: Sequence[Applied]) -> None:
    PromotionUse.objects.bulk_create(
        PromotionUse(
            id=uuid7(),
            promotion_id=each.terms.id,
            customer_id=command.customer_id,
            cart_id=command.cart_id,
            checkout_session_id=command.checkout_session_id,
            amount=each.amount,
            currency=command.currency,
        )
        for each in applied
    )
    counted = Promotion.objects.filter(pk__in=[each.terms.id for each in applied], total_limit__isnull=False)
    counted.update(uses=F("uses") + 1)
