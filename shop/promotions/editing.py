"""Changing promotions. Each change is made on the locked row, so it comes either before or after a checkout that counts a use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from shop.contracts.promotions import (
    ClonePromotion,
    CreatePromotion,
    PausePromotion,
    PromotionView,
    ResumePromotion,
    UpdatePromotion,
)
from shop.messaging.audit import record_action
from shop.messaging.errors import Invalid, Missing, Refused
from shop.promotions.drafting import check, drafted, insert, view_of
from shop.promotions.models import Promotion
from shop.promotions.states import PromotionState

# What a command calls it, and the column it is.
COLUMNS: Final[Mapping[str, str]] = {
    "name": "name",
    "discount_kind": "kind",
    "value": "value",
    "currency": "currency",
    "code": "code",
    "starts_at": "starts_at",
    "ends_at": "ends_at",
    "minimum_spend": "minimum_spend",
    "customer_segment": "customer_segment",
    "category": "category",
    "total_limit": "total_limit",
    "per_customer_limit": "per_customer_limit",
    "stackable": "stackable",
    "priority": "priority",
    "returns_when_cancelled": "returns_when_cancelled",
}
CLEARED: Final[Mapping[str, tuple[str, Any]]] = {
    "code": ("code", ""),
    "startsAt": ("starts_at", None),
    "endsAt": ("ends_at", None),
    "minimumSpend": ("minimum_spend", 0),
    "customerSegment": ("customer_segment", ""),
    "category": ("category", ""),
    "totalLimit": ("total_limit", None),
    "perCustomerLimit": ("per_customer_limit", None),
}
# Customers were promised these; whoever wants others clones the promotion.
FIXED_ONCE_ACTIVE: Final = ("kind", "value", "currency", "code", "customer_segment", "category", "stackable")
LIMITS: Final = ("total_limit", "per_customer_limit")


def update_promotion(command: UpdatePromotion) -> PromotionView:
    """Change what differs; nothing else. Says what in the audit trail where a reason is given.

    Raises ``Missing`` (404), ``Invalid`` (400) for terms that contradict themselves, and ``Refused`` (409) for what may no longer
    change and for a code in use.
    """
    promotion = locked_promotion(command.promotion_id)
    wanted = _wanted(command)
    before = {name: getattr(promotion, name) for name, value in wanted.items() if getattr(promotion, name) != value}
    if not before:
        return view_of(promotion)
    _may_change(promotion, before, wanted)
    for name in before:
        setattr(promotion, name, wanted[name])
    check(as_command(promotion))
    _code_is_free(promotion)
    promotion.version += 1
    promotion.save(update_fields=[*before, "version"])
    if command.reason:
        after = {name: wanted[name] for name in before}
        _record("edit", promotion, command.reason, _shown(before), _shown(after))
    return view_of(promotion)


def pause_promotion(command: PausePromotion) -> PromotionView:
    """No further checkout gets it until it is resumed. Raises ``Missing``, and ``Refused`` (409) for one that is not active."""
    return _set_paused(command.promotion_id, command.reason, paused=True)


def resume_promotion(command: ResumePromotion) -> PromotionView:
    """Checkouts get it again. Raises as pausing does."""
    return _set_paused(command.promotion_id, command.reason, paused=False)


def clone_promotion(command: ClonePromotion) -> PromotionView:
    """A draft on the same terms; without a code of its own it applies by itself. Raises ``Missing``, and ``Refused`` (409)."""
    original = Promotion.objects.filter(pk=command.promotion_id).first()
    if original is None:
        raise no_such_promotion()
    terms = as_command(original)
    copy = terms.model_copy(
        update={"promotion_id": command.new_promotion_id, "name": command.name or original.name, "code": command.code}
    )
    check(copy)
    return insert(drafted(copy))


def locked_promotion(promotion_id: UUID) -> Promotion:
    """The promotion, locked. Raises ``Missing`` (404)."""
    promotion = Promotion.objects.select_for_update(no_key=True).filter(pk=promotion_id).first()
    if promotion is None:
        raise no_such_promotion()
    return promotion


def no_such_promotion() -> Missing:
    """There is no promotion with this id."""
    return Missing("promotion_not_found", "There is no such promotion.")


def as_command(promotion: Promotion) -> CreatePromotion:
    """The command that would draft these terms."""
    return CreatePromotion.model_validate(
        {
            "promotion_id": promotion.pk,
            "name": promotion.name,
            "discount_kind": promotion.kind,
            "value": promotion.value,
            "currency": promotion.currency or None,
            "code": promotion.code or None,
            "starts_at": promotion.starts_at,
            "ends_at": promotion.ends_at,
            "minimum_spend": promotion.minimum_spend or None,
            "customer_segment": promotion.customer_segment or None,
            "category": promotion.category or None,
            "total_limit": promotion.total_limit,
            "per_customer_limit": promotion.per_customer_limit,
            "stackable": promotion.stackable,
            "priority": promotion.priority,
            "returns_when_cancelled": promotion.returns_when_cancelled,
        }
    )


def _wanted(command: UpdatePromotion) -> dict[str, Any]:
    given = {column: getattr(command, name) for name, column in COLUMNS.items() if getattr(command, name) is not None}
    if "code" in given:
        given["code"] = given["code"].strip().upper()
        if not given["code"]:
            raise Invalid("invalid_promotion", "A code has at least one visible character.", errors={"code": ["It is empty."]})
    cleared = dict(CLEARED[name] for name in command.clear or ())
    if both := given.keys() & cleared.keys():
        raise Invalid("invalid_promotion", f"Both given and cleared: {', '.join(sorted(both))}.")
    return given | cleared


def _may_change(promotion: Promotion, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    if promotion.status == PromotionState.ENDED:
        raise Refused("promotion_ended", "A promotion that has ended stays as it is. Clone it.")
    if promotion.status == PromotionState.DRAFT:
        return
    if fixed := [name for name in FIXED_ONCE_ACTIVE if name in before]:
        sentence = "What an active promotion takes off, from what and for whom is fixed. Clone it and end this one."
        raise Refused("promotion_terms_fixed", sentence, data={"fields": fixed})
    if made_or_unmade := [name for name in LIMITS if name in before and None in (before[name], wanted[name])]:
        sentence = "A limit is neither introduced nor taken away while a promotion is active: uses so far were not counted."
        raise Refused("promotion_limits_fixed", sentence, data={"fields": made_or_unmade})
    limit = wanted.get("total_limit")
    if limit is not None and limit < promotion.uses:
        sentence = f"It was used {promotion.uses} times already; the limit cannot be less."
        raise Refused("promotion_limit_below_uses", sentence, errors={"totalLimit": [sentence]})


def _code_is_free(promotion: Promotion) -> None:
    if promotion.code and Promotion.objects.filter(code=promotion.code).exclude(pk=promotion.pk).exists():
        sentence = "Another promotion has this code."
        raise Refused("promotion_code_taken", sentence, errors={"code": [sentence]})


def _set_paused(promotion_id: UUID, reason: str | None, *, paused: bool) -> PromotionView:
    promotion = locked_promotion(promotion_id)
    if promotion.status != PromotionState.ACTIVE:
        raise Refused("promotion_not_active", f"Only an active promotion pauses; this one is {promotion.status.lower()}.")
    if promotion.paused != paused:
        promotion.paused = paused
        promotion.version += 1
        promotion.save(update_fields=["paused", "version"])
        if reason:
            _record("pause" if paused else "resume", promotion, reason, {"paused": not paused}, {"paused": paused})
    return view_of(promotion)


def _record(verb: str, promotion: Promotion, reason: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    record_action(verb=verb, target_type="promotion", target_id=promotion.pk, reason=reason, before=before, after=after)


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, (int, str, bool, type(None))) else str(value) for name, value in values.items()}
