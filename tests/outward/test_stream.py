"""The stream for outsiders: real Redis Streams, written from the database, complete and in order whatever happens to Redis."""

import json
from collections import defaultdict
from contextlib import suppress
from typing import Any
from uuid import uuid4

import jsonschema
import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from shop.contracts.base import Event
from shop.contracts.outward import RelayEventStream
from shop.contracts.privacy import outside_schema
from shop.contracts.registry import ALL
from shop.messaging.bus import publish, send, unit_of_work
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.models import Delivery, Message
from shop.messaging.routing import switchboard
from shop.outward import streaming
from shop.outward.gateways import streams
from shop.outward.models import StreamEntry
from tests.contracts.payloads import example
from tests.messaging.tools import run_threads
from tests.outward.conftest import forget_streams
from tests.outward.tools import happen, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("outsiders")]

SHOPPING = "events.shopping-platform"


def told(stream: Any, key: str = SHOPPING) -> list[dict[str, str]]:
    """Everything that stands in a stream."""
    return [fields for _, fields in stream.xrange(key)]


def relay() -> None:
    """What the timetable does every ten seconds."""
    with unit_of_work():
        send(RelayEventStream())
    work()


def test_committed_events_are_appended_with_what_outsiders_need(stream: Any) -> None:
    cart = uuid4()
    (event,) = happen(cart=cart)
    work()

    (entry,) = told(stream)
    assert entry["id"] == str(event)
    assert (entry["type"], entry["version"], entry["key"], entry["sequence"]) == ("CartAbandoned", "1.0.0", str(cart), "1")
    assert json.loads(entry["data"])["cartId"] == str(cart)
    assert entry["timestamp"].endswith("Z")


def test_events_of_a_transaction_that_failed_are_never_appended(stream: Any) -> None:
    with suppress(ZeroDivisionError), unit_of_work():
        publish(example_of("CartAbandoned"))
        raise ZeroDivisionError
    work()

    assert told(stream) == []


def test_one_key_is_in_order_however_many_carry_the_mail(stream: Any) -> None:
    carts = [uuid4() for _ in range(5)]
    for cart in carts:
        happen(12, cart)
    (tap,) = [entry for entry in switchboard().all_routes() if "note_event" in entry.name]
    run_threads(4, lambda: [deliver_batch(tap) for _ in range(6)])
    work()
    run_threads(3, lambda: streaming.call(None))

    order = defaultdict(list)
    for entry in told(stream):
        order[entry["key"]].append(int(entry["sequence"]))
    assert order == {str(cart): list(range(1, 13)) for cart in carts}


def test_a_redis_that_lost_everything_gets_everything_again_under_the_same_ids(stream: Any) -> None:
    happen(30)
    work()
    before = stream.xrange(SHOPPING)
    forget_streams(stream)
    relay()

    assert len(before) == 30
    assert stream.xrange(SHOPPING) == before


def test_while_redis_is_away_nothing_is_lost_and_nobody_is_to_blame(stream: Any) -> None:
    with override_settings(EVENT_STREAM_URL="redis://127.0.0.1:9/0"):
        happen(3)
        work()
        assert told(stream) == []
        assert set(Delivery.objects.values_list("status", "attempts")) <= {("done", 0), ("done", 1)}
    relay()

    assert len(told(stream)) == 3


def test_an_entry_is_appended_once_however_often_it_is_tried(stream: Any) -> None:
    happen(3)
    work()
    entries = [streams.Entry(row.id, {"type": row.name}) for row in StreamEntry.objects.order_by("id")]
    streams.append("shopping-platform", entries)
    Delivery.objects.filter(subscriber__contains="note_event").update(status="open", done_at=None)
    work()

    assert len(told(stream)) == 3
    assert StreamEntry.objects.count() == 3


def test_groups_of_consumers_read_each_entry_and_can_take_over(stream: Any) -> None:
    happen(4)
    work()
    stream.xgroup_create(SHOPPING, "warehouse", id="0")
    ((_, first),) = stream.xreadgroup("warehouse", "one", {SHOPPING: ">"}, count=3)
    stream.xack(SHOPPING, "warehouse", first[0][0])
    ((_, second),) = stream.xreadgroup("warehouse", "two", {SHOPPING: ">"}, count=3)
    _, taken_over, _ = stream.xautoclaim(SHOPPING, "warehouse", "two", min_idle_time=0)

    assert len(first) + len(second) == 4
    assert [entry for entry, _ in taken_over] == [entry for entry, _ in (*first[1:], *second)]


def test_a_group_that_was_lost_with_redis_goes_on_where_it_was(stream: Any) -> None:
    happen(3)
    work()
    last_seen = stream.xrange(SHOPPING)[0][0]
    forget_streams(stream)
    relay()
    stream.xgroup_create(SHOPPING, "again", id=last_seen)
    ((_, rest),) = stream.xreadgroup("again", "one", {SHOPPING: ">"})

    assert len(rest) == 2


@override_settings(EVENT_STREAM_LENGTH=50)
def test_a_stream_is_capped(stream: Any) -> None:
    happen(400)
    work()

    assert 50 <= stream.xlen(SHOPPING) < 300
    assert StreamEntry.objects.count() == 400


def test_no_stream_says_who_anybody_is(stream: Any) -> None:
    """Every event there is, each personal field filled with a canary."""
    events = [message for message in ALL if issubclass(message, Event)]
    canaries = 0
    with unit_of_work():
        for event in events:
            if not switchboard().knows(event):
                continue
            filled, count = with_canaries(example(event.json_schema()), event.json_schema())
            canaries += count
            publish(event.read_data(filled))
    assert canaries >= 10
    work()

    assert Message.objects.filter(payload__icontains="canary").exists()
    everything = {key: told(stream, key) for key in stream.scan_iter("events.*")}
    assert sum(map(len, everything.values())) >= len({event.message_name() for event in events if switchboard().knows(event)})
    assert "canary" not in json.dumps(everything).lower()
    assert "canary" not in json.dumps(list(StreamEntry.objects.values_list("payload", flat=True))).lower()


def test_what_is_told_has_the_published_shape_for_outsiders(stream: Any) -> None:
    happen()
    work()
    (entry,) = told(stream)
    event = next(message for message in ALL if message.message_name() == "CartAbandoned")
    jsonschema.validate(json.loads(entry["data"]), outside_schema(event.json_schema()))


def test_noting_two_hundred_costs_the_statements_of_five(stream: Any) -> None:
    (tap,) = [entry for entry in switchboard().all_routes() if "note_event" in entry.name]
    costs = []
    for count in (5, 200):
        happen(count)
        with CaptureQueriesContext(connection) as statements:
            deliver_batch(tap)
        costs.append(len(statements))

    assert costs[0] == costs[1]


def example_of(name: str) -> Any:
    """An event of that name."""
    contract = next(message for message in ALL if message.message_name() == name)
    return contract.read_data(example(contract.json_schema()))


def with_canaries(data: object, schema: dict) -> tuple[object, int]:
    """The payload with a canary wherever the schema says that it is personal text; how many."""
    if schema.get("x-personal") and schema.get("type") == "string":
        return ("canary@example.com" if schema.get("format") == "email" else "Canary"), 1
    if isinstance(data, list):
        parts = [with_canaries(item, schema.get("items", {})) for item in data]
        return [value for value, _ in parts], sum(count for _, count in parts)
    if not isinstance(data, dict):
        return data, 0
    whole = {**example({**schema, "required": list(schema.get("properties", {}))}), **data} if "properties" in schema else data
    filled = {name: with_canaries(value, schema.get("properties", {}).get(name, {})) for name, value in whole.items()}
    return {name: value for name, (value, _) in filled.items()}, sum(count for _, count in filled.values())
