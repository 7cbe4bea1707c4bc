"""Whoever is named for a version gets that version, whichever one was written; what nobody knows is parked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from shop.contracts.base import Event
from shop.contracts.ordering import OrderCreated, OrderCreatedV03, OrderCreatedV06
from shop.messaging import operations
from shop.messaging.bus import publish, unit_of_work
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches
from shop.messaging.models import Delivery, Message
from shop.messaging.routing import route
from shop.messaging.switchboard import Switchboard
from tests.boards import using
from tests.messaging.tools import make_due, statuses

pytestmark = pytest.mark.django_db(transaction=True)

VERSIONS = (OrderCreatedV03, OrderCreatedV06, OrderCreated)
heard: list[tuple[str, Any, str]] = []


def _listener(name: str) -> Any:
    @in_batches(10)
    def listen(batch: list[Envelope[Any]]) -> None:
        heard.extend((name, envelope.message, envelope.written_as) for envelope in batch)

    listen.__qualname__ = name
    return route(listen, queue="ordering")


OLDEST, MIDDLE, NEWEST = (_listener(name) for name in ("counts_orders", "adds_up_orders", "reads_orders"))


def _board() -> Switchboard:
    return Switchboard(
        commands={}, events={OrderCreatedV03: [OLDEST], OrderCreatedV06: [MIDDLE], OrderCreated: [NEWEST]}, queries={}
    )


@pytest.fixture(autouse=True)
def _nothing_heard() -> None:
    heard.clear()


def said(version: type[Event], order: UUID) -> Any:
    """An order exists, as that version says it."""
    whole = {
        "orderId": str(order),
        "customerId": str(uuid7()),
        "total": 4200,
        "currency": "EUR",
        "status": "created",
        "items": [{"sku": "MUG", "quantity": 2, "unitPrice": 2100}],
        "createdAt": timezone.now().isoformat(),
    }
    return version.read_data(whole)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.version)
def test_each_version_reaches_the_subscribers_of_all_of_them_in_the_one_they_ask_for(version: type[Event]) -> None:
    order = uuid7()
    with using(_board()):
        with unit_of_work():
            publish(said(version, order))
        for listener in (OLDEST, MIDDLE, NEWEST):
            deliver_batch(listener)

    assert [(name.rpartition(".")[2], type(message)) for name, message, _ in heard] == [
        ("counts_orders", OrderCreatedV03),
        ("adds_up_orders", OrderCreatedV06),
        ("reads_orders", OrderCreated),
    ]
    assert {message.order_id for _, message, _ in heard} == {order}
    assert [written for _, message, written in heard] == [
        "" if type(message) is version else version.version for _, message, _ in heard
    ]
    assert statuses() == {"done": 3}


@pytest.mark.parametrize("version", ["0.3.0", "0.6.0"])
def test_a_stored_message_of_an_older_release_is_upcast_when_it_is_replayed(version: str) -> None:
    older = next(one for one in VERSIONS if one.version == version)
    message = said(older, uuid7())
    stored = Message.objects.create(
        id=uuid7(), kind="event", name="OrderCreated", version=version, correlation_id=uuid7(), payload=message.data()
    )
    with using(_board()):
        stored.refresh_from_db()
        found = operations.replayable(NEWEST.name, since=stored.created_at, until=stored.created_at + timedelta(seconds=1))
        assert found == [stored.id]
        assert operations.replay(NEWEST.name, found, reason="a new read model") == 1
        deliver_batch(NEWEST)

    ((_, read, written),) = heard
    assert isinstance(read, OrderCreated)
    assert written == version
    assert read.order_id == message.order_id


def test_a_version_nobody_knows_is_parked_with_its_reason_and_nothing_is_lost() -> None:
    with using(_board()):
        stored = Message.objects.create(
            id=uuid7(), kind="event", name="OrderCreated", version="2.0.0", correlation_id=uuid7(), payload={"order": "x"}
        )
        Delivery.objects.create(message=stored, subscriber=NEWEST.name, queue="ordering")
        with unit_of_work():
            publish(said(OrderCreated, uuid7()))
        make_due()
        deliver_batch(NEWEST)

    parked = Delivery.objects.get(message=stored)
    assert parked.status == "dead"
    assert "unknown message OrderCreated@2.0.0" in parked.error
    assert len(heard) == 1
    assert Message.objects.filter(pk=stored.pk).exists()


def test_a_newer_message_that_an_older_version_cannot_say_is_parked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OrderCreatedV03, "from_newer", classmethod(lambda cls, newer: cls.read("{}")))
    with using(_board()):
        with unit_of_work():
            publish(said(OrderCreated, uuid7()))
        for listener in (OLDEST, MIDDLE, NEWEST):
            deliver_batch(listener)

    assert statuses() == {"dead": 1, "done": 2}
    assert "malformed OrderCreated@1.0.0" in Delivery.objects.get(status="dead").error
