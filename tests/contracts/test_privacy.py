"""What says something about a person can be masked wherever a payload is shown, and is never told to outsiders."""

from typing import Any

import jsonschema
import pytest

from shop.contracts.base import Event
from shop.contracts.customers import CustomerRegistered, UpdateCustomer
from shop.contracts.ordering import CreateOrder, OrderDeliveryAddressChanged
from shop.contracts.privacy import masked, outside_schema, told_outside
from shop.contracts.registry import ALL
from shop.contracts.shopping import CartCheckedOut
from tests.contracts.payloads import example


def test_an_address_is_masked_and_the_order_is_not() -> None:
    stored = example(CreateOrder.json_schema())

    shown = masked(CreateOrder, stored)

    assert shown["deliveryAddress"] == "•••"
    assert {**shown, "deliveryAddress": stored["deliveryAddress"]} == stored


def test_personal_fields_are_masked_inside_other_parts() -> None:
    shown = masked(CustomerRegistered, example(CustomerRegistered.json_schema()))

    assert shown["customer"]["email"] == shown["customer"]["name"] == "•••"
    assert shown["customer"]["status"] == "ACTIVE"


def test_an_optional_personal_field_is_masked_when_it_is_there() -> None:
    shown = masked(UpdateCustomer, {"customerId": "c-1", "email": "jane@example.org"})

    assert shown == {"customerId": "c-1", "email": "•••"}


def test_lists_and_unknown_fields_are_kept() -> None:
    shown = masked(CartCheckedOut, {"items": [{"sku": "MUG"}], "somethingNewer": 1})

    assert shown == {"items": [{"sku": "MUG"}], "somethingNewer": 1}


EVENTS = [message for message in ALL if issubclass(message, Event)]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.full_name())
def test_outsiders_are_told_what_is_declared_and_not_personal(event: type[Event]) -> None:
    stored = {**example(event.json_schema()), "somethingNewer": "canary"}

    told = told_outside(event, stored)

    schema = outside_schema(event.json_schema())
    assert jsonschema.Draft202012Validator(schema).is_valid(told)
    assert set(told) == set(schema.get("properties", {})) & set(stored)
    assert not _personal_places(schema)


def test_a_person_is_left_out_and_not_masked() -> None:
    told = told_outside(OrderDeliveryAddressChanged, example(OrderDeliveryAddressChanged.json_schema()))

    assert set(told) == {"orderId", "addressRevision", "changedBy", "changedAt"}


def _personal_places(node: Any) -> list[Any]:
    if isinstance(node, list):
        return [place for item in node for place in _personal_places(item)]
    if not isinstance(node, dict):
        return []
    return [node] * bool(node.get("x-personal")) + [place for item in node.values() for place in _personal_places(item)]
