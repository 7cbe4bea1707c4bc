"""What holds for every message and response: they say what their schema says, and nothing else gets in."""

import inspect
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shop.contracts.base import Message, Part
from shop.contracts.customers import AddressBook
from shop.contracts.ordering.orders import OrderHistoryView
from shop.contracts.personal_data import PersonalData
from shop.contracts.registry import ALL
from shop.contracts.search import PushSearchDocuments
from shop.contracts.snapshots import GetProductSnapshots, ProductSnapshots
from tests.contracts.payloads import Schema, example, payloads, places, published_parts, replaced, without

# A stored secret is redacted on purpose and cannot be read back: see test_secrets.py.
SECRETS = {"accessToken", "newPassword", "password"}
REDACTED = {part for part in published_parts() if SECRETS & part.json_schema().get("properties", {}).keys()}

# Answers that are as long as what they tell about, and lists with a longer limit of their own.
UNLIMITED = {
    (OrderHistoryView, "changes"),
    (AddressBook, "addresses"),
    (GetProductSnapshots, "productIds"),
    (ProductSnapshots, "products"),
    (PushSearchDocuments, "productIds"),
}
EVERYTHING = ("addresses", "segments", "sessions", "carts", "orders", "promotionUses", "reviews")
UNLIMITED |= {(PersonalData, name) for name in EVERYTHING}

every_part = pytest.mark.parametrize("part", published_parts(), ids=lambda part: part.__name__)
every_message = pytest.mark.parametrize("message", ALL, ids=lambda message: message.full_name())


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    if isinstance(value, dict):
        return {leaf for key, item in value.items() for leaf in _leaves(item, (*path, key))}
    if isinstance(value, list):
        return {leaf for index, item in enumerate(value) for leaf in _leaves(item, (*path, index))}
    return {path}


def _refused(part: type[Part], payload: Any) -> bool:
    try:
        part.read(json.dumps(payload))
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("part", [part for part in published_parts() if part not in REDACTED], ids=lambda p: p.__name__)
@settings(max_examples=10, deadline=None, database=None)
@given(data=st.data())
def test_what_the_schema_allows_survives_a_round_trip(part: type[Part], data: st.DataObject) -> None:
    sent = data.draw(payloads(part.json_schema()))

    received = part.read(json.dumps(sent))

    assert part.read(received.payload()) == received
    assert part.read_data(received.data()) == received
    assert _leaves(sent) <= _leaves(received.data())


@every_part
def test_text_and_numbers_arrive_as_they_were_sent(part: type[Part]) -> None:
    sent = example(part.json_schema())

    assert part.read(json.dumps(sent)).data() == {
        name: "**********" if name in SECRETS else value for name, value in sent.items()
    }


@every_part
def test_a_missing_required_field_is_refused(part: type[Part]) -> None:
    schema = part.json_schema()
    sent = example(schema)

    for path, required in _demands(schema):
        assert _refused(part, without(sent, path)) == required, path


def _demands(schema: Schema, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], bool]]:
    found = []
    for name, field in schema.get("properties", {}).items():
        found.append(((*path, name), name in schema.get("required", ())))
        found += _demands(field, (*path, name))
    if "items" in schema:
        found += _demands(schema["items"], (*path, 0))
    return found


@every_part
def test_another_type_or_null_is_refused(part: type[Part]) -> None:
    schema = part.json_schema()
    sent = example(schema)
    wrong: dict[str, tuple[Any, ...]] = {
        "integer": ("5", 5.0, True, None, [5]),
        "number": ("0.5", True, None),
        "string": (5, True, None, ["text"], {}),
        "boolean": ("true", 1, None),
        "array": ({}, "text", None),
        "object": ([], "text", None),
    }

    for path, field in places(schema):
        for value in wrong[field["type"]]:
            assert _refused(part, replaced(sent, path, value)), (path, value)


@every_part
def test_what_is_out_of_bounds_is_refused(part: type[Part]) -> None:
    schema = part.json_schema()
    sent = example(schema)

    for path, field in places(schema):
        for value in _out_of_bounds(field):
            assert _refused(part, replaced(sent, path, value)), (path, value)


def _out_of_bounds(field: Schema) -> list[Any]:
    beyond: dict[str, Any] = {
        "minimum": lambda bound: bound - 1,
        "maximum": lambda bound: bound + 1,
        "minLength": lambda bound: "x" * (bound - 1),
        "maxLength": lambda bound: "x" * (bound + 1),
        "minItems": lambda bound: [],
        "minProperties": lambda bound: {},
        "maxItems": lambda bound: [example(field["items"])] * (bound + 1),
        "uniqueItems": lambda bound: [example(field["items"])] * 2,
        "enum": lambda values: "none of them",
        "pattern": lambda pattern: "no match\n",
        "format": lambda name: "no " + name,
    }
    return [make(field[keyword]) for keyword, make in beyond.items() if keyword in field]


@every_part
def test_what_the_database_cannot_hold_is_refused(part: type[Part]) -> None:
    schema = part.json_schema()
    sent = example(schema)
    unstorable: dict[str, list[Any]] = {"integer": [2**63, -(2**63) - 1], "string": ["a\0b", "x" * 10_001]}

    for path, field in places(schema):
        secret = path[-1] in SECRETS
        for value in unstorable.get(field["type"], []):
            assert _refused(part, replaced(sent, path, value)) or (secret and value == "a\0b"), (path, value)
        if field["type"] == "array" and (part, path[-1]) not in UNLIMITED:
            assert _refused(part, replaced(sent, path, [example(field["items"])] * 201)), path


@every_part
def test_a_lone_surrogate_is_refused(part: type[Part]) -> None:
    schema = part.json_schema()
    sent = example(schema)

    for path, field in places(schema):
        if field["type"] == "string":
            assert _refused(part, replaced(sent, path, "a\ud800b")), path


@every_message
def test_an_unknown_field_is_ignored(message: type[Message]) -> None:
    sent = example(message.json_schema())

    assert message.read_data({**sent, "somethingNewer": 1}) == message.read_data(sent)


@every_message
def test_a_payload_key_is_camel_case_only(message: type[Message]) -> None:
    """Or a body could say ``customer_id`` beside the ``customerId`` that its path or its token has settled."""
    sent = example(message.json_schema())
    python_names = {name: "not the value that counts" for name in message.model_fields if name not in sent}

    assert message.read_data({**python_names, **sent}) == message.read_data(sent)
    if python_names.keys() & {name for name, field in message.model_fields.items() if field.is_required()}:
        with pytest.raises(ValidationError):
            message.read_data({name: sent[field.alias or name] for name, field in message.model_fields.items()})


@every_message
def test_each_message_says_what_it_means_and_whose_it_is(message: type[Message]) -> None:
    assert inspect.getdoc(message) != inspect.getdoc(message.__mro__[1])
    assert message.owner.endswith("-platform")
    assert not {"kind", "version", "owner", "key", "http", "response"} & set(message.model_fields)
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", message.version)


@every_message
def test_the_ordering_key_is_a_value_of_the_payload(message: type[Message]) -> None:
    read = message.read_data(example(message.json_schema()))

    assert (read.ordering_key() == "") == (message.key is None)
    assert read.ordering_key() in read.payload()


@every_message
def test_what_a_path_names_is_a_field(message: type[Message]) -> None:
    path = message.http.path if message.http else ""

    assert set(re.findall(r"{(\w+)}", path)) <= set(message.json_schema()["properties"])


@every_message
def test_a_get_reads_and_everything_else_commands(message: type[Message]) -> None:
    if message.http:
        assert (message.http.method == "GET") == (message.kind == "query")
        assert (message.http.success == 204) == (message.response is None)


def test_every_query_is_answered() -> None:
    assert [message.full_name() for message in ALL if message.kind == "query" and message.response is None] == []
