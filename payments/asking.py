"""What every outside handler here shares: how long a call may be out, and the record of calls made."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from payments.gateways.answers import Absent, Answer, FraudAnswer, Intent, Rejected, Unclear
from payments.models import ProviderCall

BATCH = 50
THREADS = 32
LEASE_SECONDS = 30  # a call that takes longer may be made twice, under the same key

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one conversation with the provider: an answer per intent, and the verdict if it was asked for."""

    answers: Sequence[Answer]
    milliseconds: int
    fraud: FraudAnswer | None = None


def timed(work: Callable[[], R]) -> tuple[R, int]:
    """The result of ``work`` and the milliseconds it took."""
    started = time.monotonic()
    return work(), round((time.monotonic() - started) * 1000)


def record_of(payment_id: UUID, operation: str, key: str, told: Told) -> ProviderCall:
    """The call as it goes on record."""
    answer = told.answers[0] if told.answers else Absent()
    return ProviderCall(
        payment_id=payment_id,
        operation=operation,
        idempotency_key=key,
        outcome=_outcome(answer),
        detail=_detail(answer),
        milliseconds=told.milliseconds,
    )


def _outcome(answer: Answer) -> str:
    return answer.state.value if isinstance(answer, Intent) else type(answer).__name__.lower()


def _detail(answer: Answer) -> str:
    if isinstance(answer, Unclear):
        return answer.error
    return answer.message if isinstance(answer, Rejected | Intent) else ""
