"""Running a handler over a batch, whatever its shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shop.messaging.declaring import declare_staff
from shop.messaging.envelope import Envelope
from shop.messaging.outgoing import UnitOfWork
from shop.messaging.routing import Route


def handle(route: Route, envelopes: Sequence[Envelope[Any]], unit: UnitOfWork) -> Sequence[Any]:
    """Run the handler of ``route`` over ``envelopes``; one answer each, in order."""
    declare_staff(envelopes)
    handler: Any = route.handler
    if route.set_based:
        return handler(envelopes) or [None] * len(envelopes)
    answers = []
    for envelope in envelopes:
        unit.cause = envelope
        answers.append(handler(envelope.message))
    unit.cause = None
    return answers
