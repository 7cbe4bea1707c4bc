"""What a promotion has to say to make sense."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from uuid_utils.compat import uuid7

from shop.contracts.promotions import CreatePromotion, PromotionView
from shop.messaging.errors import Invalid, Refused
from shop.promotions.calculation import WHOLE
from shop.promotions.models import Promotion
from shop.promotions.states import PromotionKind

SEGMENT: Final = re.compile(r"[A-Z][A-Z0-9_]{0,29}")


def check(command: CreatePromotion) -> None:
    """Raises ``Invalid`` (400) naming every field that breaks a rule."""
    percentage = command.discount_kind == PromotionKind.PERCENTAGE
    errors = {
        "value": command.value == 0 or (percentage and command.value > WHOLE),
        "currency": command.currency is None and not (percentage and not command.minimum_spend),
        "endsAt": command.starts_at is not None and command.ends_at is not None and command.starts_at >= command.ends_at,
        "code": command.code is not None and not command.code.strip(),
        "customerSegment": command.customer_segment is not None and not SEGMENT.fullmatch(command.customer_segment),
    }
    sentences = {
        "value": f"A promotion takes off more than nothing; a percentage is at most {WHOLE} basis points.",
        "currency": "An amount of money needs its currency.",
        "endsAt": "A promotion ends after it starts.",
        "code": "A code has at least one visible character.",
        "customerSegment": "A segment is called with up to 30 capitals, digits and underscores, a letter first.",
    }
    wrong = {name: [sentences[name]] for name, broken in errors.items() if broken}
    if wrong:
        raise Invalid("invalid_promotion", "The promotion contradicts itself.", errors=wrong)


def drafted(command: CreatePromotion) -> Promotion:
    """The promotion this command describes, not yet stored."""
    return Promotion(
        id=command.promotion_id or uuid7(),
        name=command.name,
        kind=command.discount_kind,
        value=command.value,
        currency=command.currency or "",
        code=(command.code or "").strip().upper(),
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        minimum_spend=command.minimum_spend or 0,
        customer_segment=command.customer_segment or "",
        category=command.category or "",
        total_limit=command.total_limit,
        per_customer_limit=command.per_customer_limit,
        stackable=command.stackable or False,
        priority=100 if command.priority is None else command.priority,
        returns_when_cancelled=command.returns_when_cancelled is not False,
    )


def insert(promotion: Promotion) -> PromotionView:
    """Store a draft, or answer with the promotion that has this id already. Raises ``Refused`` (409) for a code in use."""
    Promotion.objects.bulk_create([promotion], ignore_conflicts=True)
    stored = Promotion.objects.filter(pk=promotion.pk).first()
    if stored is None:
        sentence = "Another promotion has this code."
        raise Refused("promotion_code_taken", sentence, errors={"code": [sentence]})
    return view_of(stored)


def view_of(promotion: Promotion) -> PromotionView:
    """The promotion as published."""
    return PromotionView.model_validate(
        {
            "promotion_id": promotion.id,
            "name": promotion.name,
            "status": str(promotion.status),
            "discount_kind": promotion.kind,
            "value": promotion.value,
            "currency": promotion.currency or None,
            "code": promotion.code or None,
            "total_limit": promotion.total_limit,
            "uses": promotion.uses,
            "paused": promotion.paused,
            "version": promotion.version,
        }
    )


def whole(amount: Decimal, places: int) -> int:
    """An amount in its smallest unit. Raises ``Invalid`` if it is finer than that."""
    scaled = amount.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise Invalid("invalid_amount", f"{amount} has more than {places} decimals.")
    return int(scaled)
