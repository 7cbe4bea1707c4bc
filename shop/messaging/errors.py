"""Errors a handler raises to its caller. Each knows its HTTP status, so every front door answers alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Refused(Exception):
    """The command or query is understood and cannot be granted. Nothing was changed.

    ``code`` is stable and for programs, ``message`` is a sentence for people, ``errors`` names single fields,
    ``data`` adds machine-readable facts. Delivered as mail instead of executed, it parks the delivery at once:
    trying again would be refused again.
    """

    status = 409

    def __init__(
        self,
        code: str,
        message: str,
        *,
        errors: Mapping[str, Sequence[str]] | None = None,
        data: Mapping[str, Any] | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.errors = errors
        self.data = data
        if status is not None:
            self.status = status


class Invalid(Refused):
    """The request itself is wrong (400)."""

    status = 400


class Missing(Refused):
    """There is no such thing, or it is somebody else's (404): the two must look alike."""

    status = 404


class Unprocessable(Refused):
    """Well-formed, yet it can never be granted (422)."""

    status = 422


class Unavailable(Refused):
    """Not now; the same request may succeed later (503, with Retry-After)."""

    status = 503


class NoTransaction(RuntimeError):
    """You called ``send`` or ``publish`` outside ``unit_of_work()``: a message must commit with the change it states."""


class NotRouted(LookupError):
    """The message is in nobody's hands: name its handler in the switchboard."""


class LeaseLost(RuntimeError):
    """Another worker took over these deliveries; this one's results are dropped, the other's stand."""
