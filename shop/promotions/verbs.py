"""What an operator can do to promotions, through the same commands as the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, ClassVar

from django import forms

from shop.console.formats import decimals_of
from shop.console.verbs import CommandVerb
from shop.contracts.base import Command
from shop.contracts.promotions import ActivatePromotion, CreatePromotion, EndPromotion
from shop.promotions.changing import Clone, Edit, Pause, Resume
from shop.promotions.drafting import whole
from shop.promotions.forms import PromotionForm
from shop.promotions.models import Promotion
from shop.promotions.states import PromotionKind, PromotionState


class Create(CommandVerb):
    """Draft one."""

    name, label, icon = "create", "Draft a promotion", "add"
    meaning = "Drafts a promotion. No cart gets it before it is activated."
    form: ClassVar[type[forms.Form]] = PromotionForm
    on_list = True

    def command(self, row: None, given: Mapping[str, Any]) -> Command:
        percentage = given["kind"] == PromotionKind.PERCENTAGE
        places = 2 if percentage else decimals_of(given["currency"])
        return CreatePromotion(
            name=given["name"],
            discount_kind=given["kind"],
            value=whole(given["value"], places),
            currency=given["currency"] or None,
            code=given["code"] or None,
            minimum_spend=whole(given["minimum_spend"], decimals_of(given["currency"])) if given["minimum_spend"] else None,
            starts_at=given["starts_at"].astimezone(UTC) if given["starts_at"] else None,
            ends_at=given["ends_at"].astimezone(UTC) if given["ends_at"] else None,
            customer_segment=given["customer_segment"] or None,
            category=given["category"] or None,
            total_limit=given["total_limit"],
            per_customer_limit=given["per_customer_limit"],
            stackable=given["stackable"],
            priority=given["priority"],
            returns_when_cancelled=given["returns_when_cancelled"],
        )

    def target_of(self, answer: Any) -> Any:
        return answer.promotion_id

    def sentence(self, row: None, answer: Any) -> str:
        return f"{answer.name} is drafted."


class Activate(CommandVerb):
    """Let carts get it."""

    name, label, icon, tone = "activate", "Activate", "play_arrow", "good"
    meaning = "Carts get it from now on, within its window."

    def refusal(self, row: Promotion) -> str:
        return "" if row.status == PromotionState.DRAFT else f"It is {row.get_status_display().lower()}."

    def command(self, row: Promotion, given: Mapping[str, Any]) -> Command:
        return ActivatePromotion(promotion_id=row.pk)

    def sentence(self, row: Promotion, answer: Any) -> str:
        return "is active now."


class End(CommandVerb):
    """No further checkout gets it."""

    name, label, icon, tone = "end", "End", "stop", "bad"
    meaning = "No further checkout gets it, for good. Those that hold it already keep it."

    def refusal(self, row: Promotion) -> str:
        return "It has ended." if row.status == PromotionState.ENDED else ""

    def command(self, row: Promotion, given: Mapping[str, Any]) -> Command:
        return EndPromotion(promotion_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: Promotion, answer: Any) -> str:
        return "has ended."


VERBS = (Create(), Edit(), Activate(), Pause(), Resume(), Clone(), End())
