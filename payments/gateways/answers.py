"""What a provider can tell us, in our own words. Amounts in minor units, times in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payments.states import FailureReason


class IntentState(StrEnum):
    """What an intent at the provider is worth to us."""

    PENDING = "pending"  # nothing decided yet
    DECLINED = "declined"
    HELD = "held"
    CAPTURED = "captured"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Intent:
    """The provider's intent as it was when the provider spoke, which may be long ago. ``payment_id`` is ours, from its
    metadata; ``reason`` and ``message`` are set when it is declined."""

    id: str
    state: IntentState
    amount: int
    currency: str
    payment_id: str = ""
    captured: int = 0
    capture_before: datetime | None = None
    reason: FailureReason = FailureReason.PROCESSING_ERROR
    message: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refused the request itself: nothing was done and repeating it is useless."""

    message: str
    reason: FailureReason = FailureReason.PROCESSING_ERROR


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider has no such thing: it was looked for everywhere it could be."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """No answer that decides anything. ``maybe_done`` unless the request certainly was not executed; ``key_spent`` when the
    provider keeps answering this idempotency key with an error."""

    error: str
    maybe_done: bool = True
    key_spent: bool = False


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """The provider's refund as it was when the provider spoke; ``refund_id`` is ours, from its metadata."""

    id: str
    state: str
    amount: int
    intent_id: str
    refund_id: str = ""
    error: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the money is on its way back."""
        return self.state in {"pending", "succeeded"}

    @property
    def refused(self) -> bool:
        """Whether it will not arrive."""
        return self.state in {"failed", "canceled"}


@dataclass(frozen=True, slots=True)
class FraudAnswer:
    """The fraud service's verdict: ``pass``, ``review`` or ``refuse``; score from 0 to 1."""

    verdict: str
    score: float | None
    reason: str = ""


Answer = Intent | Rejected | Absent | Unclear
RefundAnswer = ProviderRefund | Rejected | Absent | Unclear
