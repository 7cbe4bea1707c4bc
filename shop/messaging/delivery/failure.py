"""What happens to a delivery that failed: counted, backed off with full jitter, parked as dead after the last attempt."""

from __future__ import annotations

import hashlib
import random
import re
import traceback
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.db import DatabaseError
from pydantic import ValidationError

from shop.messaging.errors import Refused
from shop.messaging.sets import run

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
FIRST_BACKOFF = 1.0  # seconds
LONGEST_BACKOFF = 300.0
LONGEST_ERROR = 4_000  # characters kept

_VARIABLE_PARTS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+|'[^']*'|\d+", re.IGNORECASE)
_INFRASTRUCTURE = str(Path(__file__).parents[1])

FAIL = """
    UPDATE messaging_delivery
    SET status = CASE WHEN %s THEN 'dead' ELSE 'open' END, attempts = attempts + %s, error = %s, fingerprint = %s,
        lease = NULL, leased_until = NULL, due_at = now() + make_interval(secs => %s)
    WHERE id = %s AND status IN ('open', 'leased') AND lease IS NOT DISTINCT FROM %s
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a delivery failed. ``fingerprint`` is equal for failures with one cause; ``final`` means trying again is useless."""

    error: str
    fingerprint: str
    final: bool = False


class Unreadable(Exception):
    """A stored message that this version of the code cannot read: unknown name or version, or a malformed payload."""


def failure_of(error: BaseException) -> Failure:
    """The failure that this exception means."""
    where, what = _place(error), _sentence(error)
    shape = f"{type(error).__name__}|{_VARIABLE_PARTS.sub('#', what)[:200]}|{where}"
    text = f"{type(error).__name__}: {what}" + (f" (at {where})" if where else "")
    return Failure(
        error=text[:LONGEST_ERROR].replace("\x00", ""),
        fingerprint=hashlib.sha256(shape.encode(errors="replace")).hexdigest()[:12],
        final=isinstance(error, Refused | Unreadable),
    )


def _sentence(error: BaseException) -> str:
    """What happened, without the values it happened to: they may be personal, and would make every failure a cause of its own."""
    if isinstance(error, DatabaseError):
        return str(error).split("\nDETAIL:")[0].split("\nCONTEXT:")[0].strip()
    if isinstance(error, ValidationError):
        fields = [f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors(include_input=False)[:5]]
        return f"{error.title}: {'; '.join(fields)}"
    return str(error)


def _place(error: BaseException) -> str:
    """The innermost function of a handler rather than of the mailbox that ran it: many causes end in the same helper."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename and "/lib/python" not in frame.filename]
    theirs = [frame for frame in own if not frame.filename.startswith(_INFRASTRUCTURE)]
    return (theirs or own)[-1].name if own else ""


def backoff(attempts: int, chance: float | None = None) -> float:
    """Seconds to wait after the ``attempts``-th failure: full jitter under a doubling ceiling."""
    ceiling = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** (attempts - 1))
    return ceiling * (random.random() if chance is None else chance)  # noqa: S311


def record_failure(delivery_id: int, attempts: int, failure: Failure, *, lease: object = None, counted: bool = False) -> None:
    """Count the attempt in a committed row and decide: later, or dead. ``counted`` if the lease already counted it."""
    attempts_now = attempts if counted else attempts + 1
    dead = failure.final or attempts_now >= MAX_ATTEMPTS
    wait = 0.0 if dead else backoff(attempts_now)
    run(FAIL, [dead, 0 if counted else 1, failure.error, failure.fingerprint, wait, delivery_id, lease])
    log.warning(
        "delivery_failed",
        delivery=delivery_id,
        attempts=attempts_now,
        dead=dead,
        error=failure.error,
        fingerprint=failure.fingerprint,
    )
