"""Payloads made from nothing but the published JSON Schema, the way a client in another language would."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from shop.contracts.base import Part
from shop.contracts.registry import ALL

Schema = dict[str, Any]
Path = tuple[str | int, ...]

_TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_FORMATS: dict[str, st.SearchStrategy[str]] = {
    "uuid": st.uuids().map(str),
    "date-time": st.datetimes(timezones=st.just(dt.UTC)).map(dt.datetime.isoformat),
    "date": st.dates().map(str),
    "email": st.emails().filter(lambda address: len(address) <= 254),
}


def published_parts() -> list[type[Part]]:
    """Every message and every response, each once."""
    responses = [message.response for message in ALL if message.response]
    return [*ALL, *dict.fromkeys(responses)]


def payloads(schema: Schema) -> st.SearchStrategy[Any]:
    """Values that satisfy the schema."""
    match schema["type"]:
        case "object":
            return _objects(schema)
        case "array":
            return st.lists(
                payloads(schema["items"]),
                min_size=schema.get("minItems", 0),
                max_size=3,
                unique=schema.get("uniqueItems", False),
            )
        case "string":
            return _strings(schema)
        case "integer":
            low, high = schema.get("minimum", -(2**31) + 1), schema.get("maximum", 2**31 - 1)
            return st.integers(low, high).filter(lambda value: schema.get("not") != {"const": value})
        case "number":
            return st.floats(schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False)
        case _:
            return st.booleans()


def _objects(schema: Schema) -> st.SearchStrategy[Any]:
    fields = {name: payloads(field) for name, field in schema.get("properties", {}).items()}
    required = {name: fields.pop(name) for name in schema.get("required", ())}
    least = schema.get("minProperties", 0)
    return st.fixed_dictionaries(required, optional=fields).filter(lambda value: len(value) >= least)


def _strings(schema: Schema) -> st.SearchStrategy[str]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "format" in schema:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].replace("$", r"\Z"))
    return st.text(_TEXT, min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 200), 200))


_EXAMPLES = {
    "uuid": "0192f0c1-2f7a-7c3e-8f5d-0a1b2c3d4e5f",
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "email": "jane@example.org",
    "^[A-Z]{3}$": "EUR",
    "^[A-Z]{2}$": "DE",
    "^ORD-[0-9]{8}$": "ORD-00000001",
    "^[a-f0-9]{64}$": "0f" * 32,
    r"^https?://[^\s\x00]+$": "https://example.org/hooks",
}


def example(schema: Schema) -> Any:
    """One value with every field present."""
    match schema["type"]:
        case "object":
            return {name: example(field) for name, field in schema.get("properties", {}).items()}
        case "array":
            return [example(schema["items"])]
        case "string":
            named = schema.get("format") or schema.get("pattern")
            return schema["enum"][0] if "enum" in schema else _EXAMPLES[named] if named else "some text"
        case "integer":
            return schema.get("minimum", 1) or 1
        case "number":
            return 0.5
        case _:
            return True


def places(schema: Schema, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """Where in ``example(schema)`` each field is, and its schema."""
    if path:
        yield path, schema
    for name, field in schema.get("properties", {}).items():
        yield from places(field, (*path, name))
    if "items" in schema:
        yield from places(schema["items"], (*path, 0))


def replaced(value: Any, path: Path, new: Any) -> Any:
    """A copy of the value with something else at the path."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


def without(value: Any, path: Path) -> Any:
    """A copy of the value that lacks the field at the path."""
    copy = value.copy()
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(copy[path[0]], path[1:])
    return copy
