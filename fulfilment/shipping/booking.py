"""Booking a carrier: the one call that could put a second parcel on the road.

The shipment is committed before the carrier hears of it, and its id is the carrier's reference. One try has one idempotency
key for ever. When an answer is missing, the carrier is asked what it has under the reference before the booking is sent
again, under the same key. Only a refusal, which booked nothing, ends a try.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

import structlog

from fulfilment.shipping import facts
from fulfilment.shipping.gateways import carrier
from fulfilment.shipping.gateways.answers import Absent, Answer, RefusedBooking, Told, Unclear
from fulfilment.shipping.gateways.carrier import Booking
from fulfilment.shipping.journeys import Journey, Journeys, open_of_orders, wait_after
from fulfilment.shipping.models import CarrierCall, Shipment
from fulfilment.shipping.opening import open_missing
from fulfilment.shipping.queries import full_view
from fulfilment.shipping.settling import settle
from fulfilment.shipping.states import ShipmentStatus
from shop.contracts.fields import MOST_PARCELS
from shop.contracts.fulfilment import CreateShipment, ShipmentView
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Invalid, Unprocessable
from shop.messaging.handlers import Call, Called, Outside

log = structlog.get_logger(__name__)

BATCH: Final = 50
THREADS: Final = 16
LEASE_SECONDS: Final = 30  # a call that takes longer may be made twice, under the same key

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Try:
    """One call to make: the booking, its key, and whether the carrier may have it already."""

    booking: Booking
    key: str
    look_first: bool


@dataclass(frozen=True, slots=True)
class Replied:
    """The carrier's word, and how long it took."""

    answer: Answer
    operation: str
    milliseconds: int


def prepare(batch: Sequence[Envelope[CreateShipment]]) -> Sequence[Call[Try]]:
    """Commit what is about to be booked. What is booked, refused or over already needs no call.

    Raises ``Unprocessable`` for an order without packed parcels for a carrier, and ``Invalid`` for more than one booking takes.
    """
    _require_few_parcels(batch)
    open_missing({envelope.message.order_id: envelope.message for envelope in batch})
    journeys = open_of_orders([envelope.message.order_id for envelope in batch])
    calls, asked = [], set()
    for envelope in batch:
        journey = journeys.of_order(envelope.message.order_id)
        if journey is None:
            raise Unprocessable("order_not_packed", "Nothing of this order is packed for a carrier.")
        if _to_be_asked(journey.shipment) and journey.shipment.pk not in asked:
            asked.add(journey.shipment.pk)
            calls.append(Call(envelope, _try(journey)))
    journeys.save()
    return calls


def call(attempt: Try) -> Replied:
    """Book it, or find that it is booked."""
    if attempt.look_first:
        found, milliseconds = timed(lambda: carrier.find(attempt.booking.reference))
        if not isinstance(found, Absent):
            return Replied(found, "find", milliseconds)
    answer, milliseconds = timed(lambda: carrier.book(attempt.booking, key=attempt.key))
    return Replied(answer, "book", milliseconds)


def record(called: Sequence[Called[Try, Replied]]) -> None:
    """Bring the answers onto the shipments; without one, ask again."""
    journeys = open_of_orders([item.envelope.message.order_id for item in called])
    for item in called:
        journey = _journey_of(journeys, item)
        if journey is not None:
            _apply(journey, item)
            journeys.calls.append(call_record(journey.shipment, item.result, item.intent.key))
            journey.publish(item.envelope)
    journeys.save()


def answer(envelope: Envelope[CreateShipment]) -> ShipmentView:
    """The order's shipment. REQUESTED says that the carrier has not answered yet. Raises ``Unprocessable`` if it refused."""
    shipment = Shipment.objects.filter(order_id=envelope.message.order_id).order_by("-id")[0]
    if shipment.refused_at is not None:
        raise Unprocessable(
            "carrier_refused", f"The carrier refused it: {shipment.refused_because}", data={"shipmentId": str(shipment.pk)}
        )
    return full_view(shipment)


def ask_again(shipment: Shipment, *, cause: Envelope[Any] | None = None, after: float = 0.0) -> None:
    """Have it booked, or asked about, in so many seconds."""
    assert shipment.ask_again_at is not None
    send(facts.booking_of(shipment), cause=cause, due_at=shipment.ask_again_at if after else None)


def timed(work: Callable[[], R]) -> tuple[R, int]:
    """The result of ``work`` and the milliseconds it took."""
    started = time.monotonic()
    return work(), round((time.monotonic() - started) * 1000)


def call_record(shipment: Shipment, replied: Replied, key: str = "") -> CarrierCall:
    """The call as it goes on record."""
    said = replied.answer
    detail = {Unclear: "error", RefusedBooking: "message"}.get(type(said))
    return CarrierCall(
        shipment_id=shipment.pk,
        operation=replied.operation,
        idempotency_key=key if replied.operation == "book" else "",
        outcome=said.status if isinstance(said, Told) else type(said).__name__.lower(),
        detail=getattr(said, detail) if detail else "",
        milliseconds=replied.milliseconds,
    )


def _require_few_parcels(batch: Sequence[Envelope[CreateShipment]]) -> None:
    if any((envelope.message.parcel_count or 1) > MOST_PARCELS for envelope in batch):
        raise Invalid("too_many_parcels", f"A booking takes at most {MOST_PARCELS} parcels.")


def _to_be_asked(shipment: Shipment) -> bool:
    return shipment.status == ShipmentStatus.REQUESTED and shipment.refused_at is None and not shipment.is_collected


def _try(journey: Journey) -> Try:
    shipment = journey.shipment
    look_first = shipment.asked_since is not None
    shipment.asked += 1
    shipment.asked_since = shipment.asked_since or journey.now
    shipment.ask_again_at = journey.now + timedelta(seconds=LEASE_SECONDS)
    journey.changed = True
    booking = Booking(
        reference=str(shipment.pk),
        order_id=str(shipment.order_id),
        carrier=shipment.carrier,
        service=shipment.service,
        parcels=shipment.parcel_count,
        destination=shipment.place,
    )
    return Try(booking, shipment.key, look_first)


def _journey_of(journeys: Journeys, item: Called[Try, Replied]) -> Journey | None:
    return next((one for key, one in journeys.by_id.items() if str(key) == item.intent.booking.reference), None)


def _apply(journey: Journey, item: Called[Try, Replied]) -> None:
    shipment, said = journey.shipment, item.result.answer
    if isinstance(said, Told):
        settle(journey, said)
    elif shipment.status == ShipmentStatus.REQUESTED and shipment.key == item.intent.key:
        if isinstance(said, RefusedBooking):
            _park(journey, said)
        else:
            _wait(journey, said, item.envelope)


def _park(journey: Journey, said: RefusedBooking) -> None:
    shipment = journey.shipment
    shipment.refused_at, shipment.refused_because = journey.now, f"{said.message} ({said.code})"
    shipment.asked_since = shipment.ask_again_at = None
    shipment.last_error, journey.changed = "", True
    log.warning("carrier_refused", shipment=str(shipment.pk), code=said.code)


def _wait(journey: Journey, said: Answer, cause: Envelope[Any]) -> None:
    shipment = journey.shipment
    error = said.error if isinstance(said, Unclear) else "the carrier has no such shipment"
    if isinstance(said, Unclear) and not said.maybe_done and shipment.asked == 1:
        shipment.asked_since = None
    shipment.last_error = error
    seconds = wait_after(shipment.asked)
    shipment.ask_again_at, journey.changed = journey.now + timedelta(seconds=seconds), True
    log.warning("booking_unclear", shipment=str(shipment.pk), error=error)
    ask_again(shipment, cause=cause, after=seconds)


create_shipment = Outside(
    name="fulfilment.shipping.create_shipment",
    prepare=prepare,
    call=call,
    record=record,
    answer=answer,
    batch_size=BATCH,
    lease_seconds=LEASE_SECONDS,
    threads=THREADS,
)
