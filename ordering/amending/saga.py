"""The amendment saga: stock, money, then the order. Before the order is changed everything is undone, after it nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from ordering.amending import requests
from ordering.amending.models import AmendmentAttempt, AmendmentRun
from ordering.amending.states import AmendmentState
from shop.contracts.base import Event
from shop.contracts.fulfilment.adjusting import (
    AdjustReservation,
    ReservationAdjusted,
    ReservationNotAdjusted,
    ReservationReverted,
    RevertReservation,
)
from shop.contracts.ordering.amending import (
    AmendmentRefused,
    ApplyAmendment,
    OrderAmendmentCompleted,
    OrderAmendmentRejected,
    OrderAmendmentRequested,
)
from shop.contracts.ordering.events import OrderAmended
from shop.contracts.payments import (
    AuthorizeDifference,
    DifferenceAuthorized,
    DifferenceDeclined,
    DifferenceVoided,
    VoidDifference,
)
from shop.messaging.envelope import Envelope
from shop.messaging.saga.declaration import Saga, Step
from shop.messaging.sets import fetch_rows


class Amendment(Saga):
    """From a wish to a changed order. Every message is its own, so checkouts pay nothing for it. Waits are in seconds."""

    name = "amendment"
    queue = "ordering"
    model = AmendmentRun
    attempts = AmendmentAttempt
    started_by = OrderAmendmentRequested
    steps = (
        Step(
            command=AdjustReservation,
            ask=requests.adjust_reservation,
            done=ReservationAdjusted,
            failed=ReservationNotAdjusted,
            why=requests.not_in_stock,
            undo=RevertReservation,
            take_back=requests.revert_reservation,
            undone=ReservationReverted,
            state=AmendmentState.ADJUSTING_STOCK.value,
            patience=settings.CHECKOUT_RESERVE_DEADLINE_SECONDS,
            undo_patience=settings.CHECKOUT_UNDO_DEADLINE_SECONDS,
        ),
        Step(
            command=AuthorizeDifference,
            ask=requests.authorize_difference,
            done=DifferenceAuthorized,
            learn=requests.verdict,
            failed=DifferenceDeclined,
            why=requests.not_paid,
            undo=VoidDifference,
            take_back=requests.void_difference,
            undone=DifferenceVoided,
            state=AmendmentState.AUTHORIZING_DIFFERENCE.value,
            patience=settings.CHECKOUT_AUTHORIZE_DEADLINE_SECONDS,
            undo_patience=settings.CHECKOUT_UNDO_DEADLINE_SECONDS,
        ),
        Step(
            command=ApplyAmendment,
            ask=requests.apply_amendment,
            done=OrderAmended,
            failed=AmendmentRefused,
            why=requests.moved_on,
            state=AmendmentState.APPLYING.value,
            pivot=True,
            patience=settings.CHECKOUT_CREATE_ORDER_DEADLINE_SECONDS,
        ),
    )
    opening_columns = (
        ("id", "uuid"),
        ("state", "text"),
        ("opening", "text"),
        ("correlation_id", "uuid"),
        ("order_id", "uuid"),
    )

    @classmethod
    def open(cls, envelope: Envelope[OrderAmendmentRequested]) -> Sequence[Any]:
        """A new run under the id of the change."""
        event = envelope.message
        return (event.change_id, AmendmentState.STARTED.value, event.payload(), envelope.correlation_id, event.order_id)

    @classmethod
    def session_of(cls, reply: Any) -> UUID | None:
        """Every reply names the change; an amendment without one was a short pick's."""
        change: UUID | None = reply.change_id
        return change

    @classmethod
    def completed(cls, record: AmendmentRun) -> Event:
        """The order is changed."""
        return OrderAmendmentCompleted(change_id=record.id, order_id=record.order_id, completed_at=_now())

    @classmethod
    def aborted(cls, record: AmendmentRun) -> Event:
        """Nothing is left of the change."""
        problem = record.error or "It could not be made in time."
        return OrderAmendmentRejected(change_id=record.id, order_id=record.order_id, problem=problem, rejected_at=_now())


def _now() -> Any:
    return fetch_rows("SELECT now()")[0][0]
