"""The record of what people did. Written in the transaction of the deed itself, so neither exists without the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shop.messaging.context import current_actor, current_correlation
from shop.messaging.errors import Invalid
from shop.messaging.models import OperatorAction
from shop.messaging.outgoing import current_unit

LONGEST_REASON = 500


def record_action(
    *,
    verb: str,
    target_type: str,
    target_id: object,
    reason: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> OperatorAction:
    """Write down that the current actor did ``verb`` to one target. Raises ``Invalid`` without a reason and
    ``NoTransaction`` outside a unit of work."""
    current_unit()
    return OperatorAction.objects.create(
        actor=current_actor(),
        verb=verb,
        target_type=target_type,
        target_id=str(target_id),
        reason=valid_reason(reason),
        before=dict(before or {}),
        after=dict(after or {}),
        correlation_id=current_correlation(),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What one of many targets was, and what it became."""

    target_id: object
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def record_actions(*, verb: str, target_type: str, reason: str, changes: Sequence[Change]) -> None:
    """``record_action`` for many targets of one deed, in few statements however many they are."""
    current_unit()
    kept_reason = valid_reason(reason)
    OperatorAction.objects.bulk_create(
        [
            OperatorAction(
                actor=current_actor(),
                verb=verb,
                target_type=target_type,
                target_id=str(change.target_id),
                reason=kept_reason,
                before=dict(change.before),
                after=dict(change.after),
                correlation_id=current_correlation(),
            )
            for change in changes
        ],
        batch_size=1_000,
    )


def valid_reason(reason: str) -> str:
    """The reason as it is kept. Raises ``Invalid`` when there is none, or more than fits."""
    kept = reason.strip().replace("\x00", "")
    if not kept:
        raise Invalid("reason_required", "Say why: this is written into the audit trail.")
    if len(kept) > LONGEST_REASON:
        raise Invalid("reason_too_long", f"Keep the reason under {LONGEST_REASON} characters.")
    return kept
