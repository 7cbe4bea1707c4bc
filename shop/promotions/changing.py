"""Changing promotions that are there already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from shop.console.formats import decimals_of
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.promotions import Clearable, ClonePromotion, PausePromotion, ResumePromotion, UpdatePromotion
from shop.promotions.drafting import whole
from shop.promotions.forms import PromotionForm
from shop.promotions.models import Promotion
from shop.promotions.states import PromotionKind, PromotionState

# What the form calls it, what the contract calls it, and what clears it.
FIELDS: tuple[tuple[str, Clearable], ...] = (
    ("code", "code"),
    ("starts_at", "startsAt"),
    ("ends_at", "endsAt"),
    ("minimum_spend", "minimumSpend"),
    ("customer_segment", "customerSegment"),
    ("category", "category"),
    ("total_limit", "totalLimit"),
    ("per_customer_limit", "perCustomerLimit"),
)


class Edit(CommandVerb):
    """Other terms."""

    name, label, icon, tone = "edit", "Edit", "edit", "good"
    meaning = (
        "A draft changes freely. Of an active one name, window, minimum, priority and the numbers of its limits; what it takes "
        "off, from what and for whom stays. Empty fields are cleared."
    )
    form: ClassVar[type[forms.Form]] = PromotionForm
    bulk = False
    audited = True

    def refusal(self, row: Promotion) -> str:
        return "It has ended. Clone it." if row.status == PromotionState.ENDED else ""

    def initial(self, row: Promotion | None) -> dict[str, Any]:
        if row is None:
            return {}
        places = decimals_of(row.currency)
        value_places = 2 if row.kind == PromotionKind.PERCENTAGE else places
        return {
            "name": row.name,
            "kind": row.kind,
            "value": shown(row.value, value_places),
            "currency": row.currency,
            "code": row.code,
            "minimum_spend": shown(row.minimum_spend, places) if row.minimum_spend else None,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "customer_segment": row.customer_segment,
            "category": row.category,
            "total_limit": row.total_limit,
            "per_customer_limit": row.per_customer_limit,
            "stackable": row.stackable,
            "priority": row.priority,
            "returns_when_cancelled": row.returns_when_cancelled,
        }

    def command(self, row: Promotion, given: Mapping[str, Any]) -> Command:
        percentage = given["kind"] == PromotionKind.PERCENTAGE
        places = decimals_of(given["currency"])
        return UpdatePromotion(
            promotion_id=row.pk,
            name=given["name"],
            discount_kind=given["kind"],
            value=whole(given["value"], 2 if percentage else places),
            currency=given["currency"] or None,
            code=given["code"] or None,
            minimum_spend=whole(given["minimum_spend"], places) if given["minimum_spend"] else None,
            starts_at=given["starts_at"].astimezone(UTC) if given["starts_at"] else None,
            ends_at=given["ends_at"].astimezone(UTC) if given["ends_at"] else None,
            customer_segment=given["customer_segment"] or None,
            category=given["category"] or None,
            total_limit=given["total_limit"],
            per_customer_limit=given["per_customer_limit"],
            stackable=given["stackable"],
            priority=given["priority"],
            returns_when_cancelled=given["returns_when_cancelled"],
            clear=[published for name, published in FIELDS if not given[name]],
            reason=str(given["reason"])[:250],
        )

    def sentence(self, row: Promotion, answer: Any) -> str:
        return "saved."


class Pause(CommandVerb):
    """Not for now."""

    name, label, icon, tone = "pause", "Pause", "pause", "warn"
    meaning = "No further checkout gets it until it is resumed. Those that hold it already keep it."
    audited = True

    def refusal(self, row: Promotion) -> str:
        if row.status != PromotionState.ACTIVE:
            return f"It is {row.get_status_display().lower()}."
        return "It is paused already." if row.paused else ""

    def command(self, row: Promotion, given: Mapping[str, Any]) -> Command:
        return PausePromotion(promotion_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: Promotion, answer: Any) -> str:
        return "is paused."


class Resume(Pause):
    """Again."""

    name, label, icon, tone = "resume", "Resume", "play_arrow", "good"
    meaning = "Checkouts get it again, within its window."

    def refusal(self, row: Promotion) -> str:
        return "" if row.status == PromotionState.ACTIVE and row.paused else "It is not paused."

    def command(self, row: Promotion, given: Mapping[str, Any]) -> Command:
        return ResumePromotion(promotion_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: Promotion, answer: Any) -> str:
        return "applies again."


class CloneForm(ReasonForm):
    """What a clone is called."""

    name = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)
    code = forms.CharField(
        max_length=200, required=False, widget=UnfoldAdminTextInputWidget, help_text="Empty: applies by itself."
    )
    field_order = ("name", "code", "reason")


class Clone(CommandVerb):
    """The same terms again."""

    name, label, icon, tone = "clone", "Clone", "content_copy", "plain"
    meaning = "Drafts a promotion on the same terms, with a code of its own and no uses."
    form: ClassVar[type[forms.Form]] = CloneForm
    bulk = False

    def initial(self, row: Promotion | None) -> dict[str, Any]:
        return {"name": f"{row.name} (copy)"[:200]} if row else {}

    def command(self, row: Promotion, given: Mapping[str, Any]) -> Command:
        return ClonePromotion(promotion_id=row.pk, name=given["name"], code=given["code"] or None)

    def sentence(self, row: Promotion, answer: Any) -> str:
        return f"{answer.name} is drafted."


def shown(amount: int, places: int) -> str:
    """An amount of minor units as people type it."""
    whole_part, rest = divmod(amount, 10**places)
    return f"{whole_part}.{rest:0{places}d}" if places else str(amount)
