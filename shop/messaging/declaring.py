"""Telling the database who acts and why, for the triggers that record changed objects. Good until the transaction ends.

``shop.acting`` is who, as JSON. ``shop.watch`` is ``off`` from the start of each of the application's connections
(``config/settings/databases.py``) and ``on`` while an operator acts, so that customers pay for no trigger of the busy tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from structlog.contextvars import get_contextvars

from shop.messaging.context import current_actor, current_correlation, current_deed, doing
from shop.messaging.envelope import Envelope
from shop.messaging.sets import run

STAFF: Final = "staff:"
SEVERAL: Final = "one of "
DECLARE: Final = "SELECT set_config('shop.acting', %s, true), set_config('shop.watch', %s, true)"


def declaration(actor: str | None = None, correlation_id: UUID | None = None) -> str:
    """Who acts, doing what and why, as the trigger reads it."""
    deed = current_deed()
    chain = correlation_id or current_correlation()
    said = {
        "actor": actor or current_actor(),
        "verb": deed.verb,
        "reason": deed.reason,
        "correlation": str(chain) if chain else None,
        "request": get_contextvars().get("request_id", ""),
    }
    return json.dumps(said)


def declare(*, actor: str | None = None, correlation_id: UUID | None = None, watch: bool = True) -> None:
    """Whatever changes from here to the end of the transaction is ``actor``'s doing, or the current one's.

    ``watch=False``: what is recorded only while an operator acts is not, for work through a million rows.
    """
    run(DECLARE, [declaration(actor, correlation_id), "on" if watch else "off"])


def declare_staff(envelopes: Sequence[Envelope[Any]]) -> None:
    """Have what this batch changes recorded if any of it was asked for by a person who works here; else do nothing at all.

    A batch is one transaction: mixed with others', a change is said to be one of theirs, rather than not recorded.
    """
    if not any(envelope.actor.startswith(STAFF) for envelope in envelopes):
        return
    actors = sorted({envelope.actor for envelope in envelopes})
    alone = len(actors) == 1
    actor = actors[0] if alone else f"{SEVERAL}{', '.join(actors)}"
    declare(actor=actor, correlation_id=envelopes[0].correlation_id if len(envelopes) == 1 else None)


@contextmanager
def deed(verb: str, reason: str = "") -> Iterator[None]:
    """One transaction in which a person does something that no command stands for, such as a form of Django's own."""
    with transaction.atomic(), doing(verb, reason):
        declare()
        yield
