"""Reading Stripe's parameters: known names only, whole numbers, booleans, metadata."""

from collections.abc import Iterable

from config.sandbox.stripe_api.errors import invalid
from config.sandbox.wire import Json

MAX_AMOUNT = 99_999_999
MAX_PAGE = 100


def only(params: Json, known: Iterable[str]) -> None:
    """Refuse unknown parameters, as Stripe does: a misspelt one must not go unnoticed."""
    unknown = sorted(params.keys() - set(known) - {"expand"})
    if unknown:
        names = ", ".join(unknown)[:200]
        raise invalid(f"Received unknown parameter: {names}", param=unknown[0][:80], code="parameter_unknown")


def text(params: Json, name: str, *, required: bool = False) -> str | None:
    """A string parameter, or None when it is absent or empty."""
    value = params.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"Invalid string: {name}", param=name)
    if required and not value:
        raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return value or None


def amount(params: Json, name: str, *, required: bool = False) -> int | None:
    """A positive amount in minor units, or None when it is absent."""
    value = text(params, name, required=required)
    if value is None:
        return None
    return whole(value, name, most=MAX_AMOUNT)


def whole(value: str, name: str, *, most: int) -> int:
    """A whole number from 1 to `most`."""
    if not (value.isascii() and value.isdecimal()) or len(value) > 12:
        raise invalid(f"Invalid integer: {value[:40]}", param=name, code="parameter_invalid_integer")
    if not 1 <= int(value) <= most:
        raise invalid(f"Invalid {name}: must be between 1 and {most}.", param=name, code="parameter_invalid_integer")
    return int(value)


def flag(params: Json, name: str) -> bool:
    """A boolean parameter, false when absent."""
    value = text(params, name)
    if value not in (None, "true", "false"):
        raise invalid(f"Invalid boolean: {name}", param=name)
    return value == "true"


def metadata(params: Json) -> dict[str, str]:
    """Up to 50 keys of 40 characters with values of 500 characters."""
    value = params.get("metadata") or {}
    if not isinstance(value, dict) or len(value) > 50:
        raise invalid("Invalid object: metadata", param="metadata")
    for key, item in value.items():
        if not isinstance(item, str) or len(key) > 40 or len(item) > 500:
            raise invalid(f"Invalid metadata: {key[:80]}", param="metadata")
    return {key: item for key, item in value.items() if item}


def page_size(params: Json) -> int:
    """Stripe's `limit`: 10 when absent, at most 100."""
    value = text(params, "limit")
    return whole(value, "limit", most=MAX_PAGE) if value else 10
