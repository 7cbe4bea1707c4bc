"""System checks: the process refuses to start with settings under which money could not be kept safe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from payments.inbox import secrets
from payments.states import Verdict

CAPTURE_MOMENTS = ("confirmed", "shipped")


@register("payments")
def check_payment_settings(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Everything wrong with the settings of this department."""
    found: list[CheckMessage] = []
    try:
        secrets()
    except ImproperlyConfigured as error:
        found.append(Error(str(error), hint="Copy the endpoint's signing secret from Stripe.", id="payments.E001"))
    if settings.FRAUD_UNAVAILABLE_VERDICT not in Verdict.values:
        found.append(_one_of("FRAUD_UNAVAILABLE_VERDICT", Verdict.values, "payments.E002"))
    if settings.PAYMENTS_CAPTURE_ON not in CAPTURE_MOMENTS:
        found.append(_one_of("PAYMENTS_CAPTURE_ON", CAPTURE_MOMENTS, "payments.E003"))
    return found


def _one_of(name: str, values: Sequence[str], code: str) -> Error:
    return Error(f"{name} is {getattr(settings, name)!r}.", hint=f"It must be one of: {', '.join(values)}.", id=code)
