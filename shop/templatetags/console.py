"""What the console's templates say about times and addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import template

from shop.console import formats
from shop.console.kept.keeping import Shown, kept_by

register = template.Library()


@register.filter
def moment(at: datetime | None) -> Any:
    """Relative, with the exact time on hover."""
    return formats.moment(at)


@register.filter
def clock(at: datetime | None) -> str:
    """To the millisecond, UTC: what one compares with a log line."""
    if at is None:
        return formats.DASH
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S}.{utc.microsecond // 1000:03d}"


@register.filter
def thousands(number: int) -> str:
    """``5003`` as ``5,003``."""
    return f"{number:,}"


@register.simple_tag
def tab_address(changelist: Any, name: str) -> str:
    """The address of another tab of the same list."""
    return str(changelist.tab_address(name))


@register.simple_tag(takes_context=True)
def verbs_for_all(context: Any, changelist: Any) -> Any:
    """The verbs offered for everything a list holds, with their addresses."""
    return changelist.model_admin.verbs_for_all(context["request"], changelist)


@register.simple_tag(takes_context=True)
def kept_lists(context: Any, screen: str) -> Sequence[Shown]:
    """What whoever looks has kept of this screen."""
    return kept_by(context["request"], screen)
