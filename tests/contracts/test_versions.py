"""OrderCreated has three versions, each readable as itself; the registry finds every one of them."""

import json
from types import ModuleType

import pytest

from shop.contracts import fulfilment, ordering
from shop.contracts.base import Event
from shop.contracts.ordering import OrderCreated, OrderCreatedV03, OrderCreatedV06
from shop.contracts.registry import ALL, UnknownMessage, find, latest, versions
from shop.contracts.versions import read_as
from tests.contracts.payloads import example


def test_a_name_and_version_find_one_class() -> None:
    assert [find(message.message_name(), message.version) for message in ALL] == list(ALL)


@pytest.mark.parametrize("owner", [ordering, fulfilment], ids=lambda owner: owner.__name__)
def test_a_package_offers_every_message_of_its_modules(owner: ModuleType) -> None:
    written = {message.__name__ for message in ALL if message.__module__.startswith(f"{owner.__name__}.")}

    assert written
    assert written <= set(owner.__all__)


def test_the_versions_of_a_message_are_in_order() -> None:
    assert versions("OrderCreated") == (OrderCreatedV03, OrderCreatedV06, OrderCreated)
    assert latest("OrderCreated") is OrderCreated
    assert [version.full_name() for version in versions("OrderCreated")] == [
        "OrderCreated@0.3.0",
        "OrderCreated@0.6.0",
        "OrderCreated@1.0.0",
    ]


@pytest.mark.parametrize(("name", "version"), [("OrderCreated", "2.0.0"), ("Unheard", "1.0.0")])
def test_what_was_never_published_is_unknown(name: str, version: str) -> None:
    with pytest.raises(UnknownMessage, match=name):
        find(name, version)


def test_an_unknown_name_has_no_latest_version() -> None:
    with pytest.raises(UnknownMessage, match="Unheard"):
        latest("Unheard")


def test_a_subscriber_of_an_older_version_gets_the_newer_one_reduced() -> None:
    newer = OrderCreated.read_data(example(OrderCreated.json_schema()))

    assert OrderCreatedV06.from_newer(newer) == OrderCreatedV06(
        order_id=newer.order_id,
        customer_id=newer.customer_id,
        total=newer.total,
        currency=newer.currency,
        created_at=newer.created_at,
    )
    assert json.loads(OrderCreatedV03.from_newer(newer).payload()).keys() == {"orderId", "customerId", "createdAt"}


@pytest.mark.parametrize("written", versions("OrderCreated"), ids=lambda version: version.version)
@pytest.mark.parametrize("wanted", versions("OrderCreated"), ids=lambda version: version.version)
def test_whatever_version_was_written_every_version_can_be_read(written: type[Event], wanted: type[Event]) -> None:
    stored = written.read_data(example(written.json_schema()))

    read = read_as(wanted, written, stored.payload())

    assert type(read) is wanted
    said = {key: value for key, value in stored.data().items() if key in wanted.json_schema()["properties"]}
    assert {key: read.data()[key] for key in said} == said


def test_what_an_older_version_did_not_say_is_nothing_rather_than_invented() -> None:
    oldest = OrderCreatedV03.read_data(example(OrderCreatedV03.json_schema()))

    today = read_as(OrderCreated, OrderCreatedV03, oldest.payload()).data()

    added = {key: value for key, value in today.items() if key not in oldest.data()}
    assert added == {"total": 0, "currency": "XXX", "items": [], "status": "created"}
