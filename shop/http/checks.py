"""System checks: the process refuses to start with settings that break what the API promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

PROMISED_HOURS: Final = 24  # an answer is there for repeats of its request at least this long


@register("http")
def check_http_settings(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Everything wrong with the settings of the API."""
    if settings.IDEMPOTENCY_KEEP_HOURS >= PROMISED_HOURS:
        return []
    sentence = f"IDEMPOTENCY_KEEP_HOURS is {settings.IDEMPOTENCY_KEEP_HOURS}."
    hint = f"Clients may repeat a request for {PROMISED_HOURS} hours: keep answers at least that long."
    return [Error(sentence, hint=hint, id="http.E001")]
