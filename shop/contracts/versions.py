"""From the version a message was written in to the one its reader asks for, whichever of the two is older."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shop.contracts.base import Message
from shop.contracts.registry import versions


def read_as(wanted: type[Message], written: type[Message], payload: str) -> Message:
    """The payload that ``written`` stored, as ``wanted`` says it. Raises ``pydantic.ValidationError``.

    An older payload is carried up version by version with each one's ``upcast``; a newer one is reduced by ``from_newer``.
    """
    if wanted is written:
        return written.read(payload)
    if _place(written) > _place(wanted):
        return wanted.from_newer(written.read(payload))
    data: Mapping[str, Any] = written.read(payload).data()
    for version in versions(wanted.message_name())[_place(written) + 1 : _place(wanted) + 1]:
        data = version.upcast(data)
    return wanted.read_data(data)


def _place(message: type[Message]) -> int:
    return versions(message.message_name()).index(message)
