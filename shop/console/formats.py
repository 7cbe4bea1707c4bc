"""How the console writes money, times, ids, states and JSON. Every function returns safe HTML or plain text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from shop.messaging.errors import Invalid

DASH: Final = "—"
WITHOUT_DECIMALS: Final = frozenset({"CLP", "ISK", "JPY", "KRW", "VND", "XAF", "XOF"})
WITH_THREE_DECIMALS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def money(amount: int | None, currency: str) -> str:
    """Minor units in the way people write them: ``1,234.50 EUR``."""
    if amount is None:
        return DASH
    decimals = decimals_of(currency)
    whole, rest = divmod(abs(amount), 10**decimals)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole:,}{f'.{rest:0{decimals}d}' if decimals else ''} {currency}"


def whole_words(text: str) -> SafeString:
    """In a table: broken between words only."""
    return format_html('<span class="oc-words">{}</span>', text)


def decimals_of(currency: str) -> int:
    """How many decimals people write amounts of this currency with (ISO 4217)."""
    return 0 if currency in WITHOUT_DECIMALS else 3 if currency in WITH_THREE_DECIMALS else 2


def span(seconds: float) -> str:
    """A length of time, in the largest unit that still says something: ``240 ms``, ``12 s``, ``3 h``."""
    if abs(seconds) < 1:
        return f"{round(abs(seconds) * 1000)} ms"
    whole = round(abs(seconds))
    for size, unit in UNITS:
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def relative(at: datetime, now: datetime | None = None) -> str:
    """``3 min ago`` or ``in 20 s``."""
    distance = ((now or datetime.now(UTC)) - at).total_seconds()
    if abs(distance) < 1:
        return "just now"
    return f"{span(distance)} ago" if distance > 0 else f"in {span(distance)}"


def exact(at: datetime) -> str:
    """A moment as an operator can compare it with a log: UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def moment(at: datetime | None, *, full: bool = False) -> SafeString | str:
    """Relative time, with the exact one on hover, or beside it when ``full``."""
    if at is None:
        return DASH
    html = '<time class="oc-time" datetime="{}" title="{}">{}</time>'
    shown = format_html(html, at.isoformat(), exact(at), relative(at))
    return format_html('{} <span class="oc-soft">{}</span>', shown, exact(at)) if full else shown


def duration(start: datetime | None, end: datetime | None) -> str:
    """How long something took; a dash while it has not ended."""
    if start is None or end is None:
        return DASH
    return span(max(timedelta(), end - start).total_seconds())


def badge(text: str, tone: str = "plain") -> SafeString:
    """A state. ``tone``: plain, good, busy, warn or bad."""
    return format_html('<span class="oc-badge oc-{}">{}</span>', tone, text)


def code(text: object) -> SafeString | str:
    """An id or another thing to copy."""
    return format_html('<code class="oc-code">{}</code>', text) if text not in {None, ""} else DASH


def clamped(text: str) -> SafeString:
    """A sentence in a list: three lines at most, all of it on hover."""
    return format_html('<span class="oc-sentence" title="{}">{}</span>', text, text)


def short(identifier: object) -> str:
    """The end of an id: the part of a UUIDv7 that differs between neighbours."""
    return f"…{str(identifier)[-12:]}"


def link(url: str | None, text: object) -> SafeString | str:
    """A link, or just the text when there is nowhere to go."""
    return format_html('<a class="oc-link" href="{}">{}</a>', url, text) if url else str(text)


def as_json(value: Any) -> str:
    """A payload as people read it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def in_minor_units(typed: str, currency: str) -> int:
    """``12.50`` as 1250. Raises ``Invalid`` for anything that is not an amount of this currency."""
    try:
        scaled = Decimal(typed.strip().replace(",", ".")).scaleb(decimals_of(currency))
    except InvalidOperation:
        raise Invalid("invalid_amount", f"“{typed[:20]}” is not an amount.") from None
    if not scaled.is_finite() or scaled != scaled.to_integral_value() or not 0 < scaled < 10**15:
        raise Invalid("invalid_amount", f"“{typed[:20]}” is not an amount of {currency}.")
    return int(scaled)
