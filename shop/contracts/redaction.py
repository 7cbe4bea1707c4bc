"""A payload without what it says about a person: personal values are replaced for good, and what is left is still valid."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from shop.contracts.base import Part
from shop.contracts.fields import EmailText, Personal
from shop.contracts.privacy import marks_of, personal_fields
from shop.contracts.registry import ALL

ERASED: Final = "erased"
ERASED_EMAIL: Final = "erased@erased.invalid"  # what is stored has to stay readable, also as an address; RFC 2606


def redacted(part: type[Part], data: dict[str, Any]) -> dict[str, Any]:
    """The payload with every personal value gone for good and still valid by its contract. Twice is the same as once.

    What is a part of its own (an address) loses what that part marks: a country stays, a street does not.
    """
    personal, nested = personal_fields(part)
    emails = _emails(part)
    return {key: _erased(nested.get(key), value, personal=key in personal, email=key in emails) for key, value in data.items()}


@cache
def personal_names() -> frozenset[str]:
    """What personal fields are called in any message, in camelCase and in snake_case, for JSON that no contract describes."""
    names: set[str] = set()
    for message in ALL:
        names |= _names_in(message)
        names |= _names_in(message.response) if message.response else set()
    return frozenset(names)


def without_personal(value: Any) -> Any:
    """JSON without the values of whatever is called like a personal field of any contract."""
    if isinstance(value, list):
        return [without_personal(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: ERASED if key in personal_names() and item else without_personal(item) for key, item in value.items()}


def _erased(part: type[Part] | None, value: Any, *, personal: bool, email: bool) -> Any:
    if isinstance(value, list):
        return [_erased(part, item, personal=personal, email=email) for item in value]
    if part is not None and isinstance(value, dict):
        return redacted(part, value)
    if not personal:
        return value
    return ERASED_EMAIL if email else ERASED


def _names_in(part: type[Part]) -> set[str]:
    nested = personal_fields(part)[1].values()
    own = {
        called
        for name, field in part.model_fields.items()
        for called in (name, field.alias or name)
        if Personal in (*field.metadata, *marks_of(field.annotation))
    }
    return {*own, *(name for inner in nested for name in _names_in(inner))}


@cache
def _emails(part: type[Part]) -> frozenset[str]:
    return frozenset(
        field.alias or name
        for name, field in part.model_fields.items()
        if any(isinstance(mark, EmailText) for mark in (*field.metadata, *marks_of(field.annotation)))
    )
