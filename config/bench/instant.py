"""A worker whose payment provider and fraud service answer at once, inside the process: what the saga itself costs.

``celery --app=config.bench.instant`` is ``config.celery`` with the outside taken away. Only the benchmarks start it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from config.celery import app
from payments.gateways import fraud, stripe
from payments.gateways.answers import Answer, FraudAnswer, Intent, IntentState

__all__ = ["app"]

_held: dict[str, Intent] = {}


def _hold(*, payment_id: UUID, amount: int, currency: str, **_: Any) -> Answer:
    return Intent(f"pi_{payment_id.hex}", IntentState.HELD, amount, currency, str(payment_id))


def _capture(*, intent_id: str, amount: int, **_: Any) -> Answer:
    payment_id = str(UUID(intent_id.removeprefix("pi_")))
    return Intent(intent_id, IntentState.CAPTURED, amount, "EUR", payment_id, captured=amount)


def _pass(**_: Any) -> FraudAnswer:
    return FraudAnswer("pass", 0.1)


stripe.hold = _hold
stripe.capture = _capture
fraud.verdict_on = _pass
