"""From a request to its contract: path, then body or query string, then what the server knows better."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeVar

from django.http import QueryDict
from pydantic import ValidationError

from shop.contracts.base import Message
from shop.http.parsing import check_text, read_object
from shop.messaging.errors import Invalid

M = TypeVar("M", bound=Message)

_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
WRONG: Final = "The request is not valid."
MOST_ERRORS: Final = 50

_BOOLEANS: Final = {"true": True, "false": False}


@cache
def fields_of(contract: type[Message]) -> Mapping[str, Mapping[str, Any]]:
    """The published JSON Schema of each field of ``contract`` by its camelCase name."""
    properties: Mapping[str, Mapping[str, Any]] = contract.json_schema().get("properties", {})
    return properties


@cache
def _published_names(contract: type[Message]) -> Mapping[str, str]:
    return {name: field.alias or name for name, field in contract.model_fields.items()}


def from_body(contract: type[Message], body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``contract`` in ``body``. Anything else, also an attribute's Python name, is not looked at."""
    return {name: body[name] for name in fields_of(contract) if name in body}


def from_path(contract: type[Message], captured: Mapping[str, Any]) -> dict[str, Any]:
    """What the address says, under the published names."""
    names = _published_names(contract)
    return {names.get(name, name): str(value) for name, value in captured.items()}


def from_query_string(contract: type[Message], parameters: QueryDict) -> dict[str, Any]:
    """The fields of ``contract`` in the query string, each in its published type. Unknown parameters are ignored.

    An object is written field by field, ``filters[minPrice]=100`` (OpenAPI's ``deepObject``), or as JSON under its own name.
    Raises ``Invalid`` for a parameter that is given twice, or is not of its type.
    """
    found = {}
    for name, schema in fields_of(contract).items():
        if schema.get("type") == "object" and (deep := _deep(name, schema, parameters)):
            found[name] = deep
        elif name in parameters:
            found[name] = _typed(name, schema, parameters.getlist(name))
    return found


def _deep(name: str, schema: Mapping[str, Any], parameters: QueryDict) -> dict[str, Any]:
    fields = {f"{name}[{field}]": (field, kind) for field, kind in schema.get("properties", {}).items()}
    given = {key: fields[key] for key in fields if key in parameters}
    if given and name in parameters:
        raise _wrong(name, "Give this parameter once.")
    return {field: _typed(key, kind, parameters.getlist(key)) for key, (field, kind) in given.items()}


def _typed(name: str, schema: Mapping[str, Any], values: list[str]) -> Any:
    for value in values:
        check_text(value)
    if schema.get("type") == "array":
        return [_scalar(name, schema.get("items", {}), value) for value in values]
    if len(values) > 1:
        raise _wrong(name, "Give this parameter once.")
    return _scalar(name, schema, values[0])


def _scalar(name: str, schema: Mapping[str, Any], value: str) -> Any:
    match schema.get("type"):
        case "integer":
            if not _INTEGER.fullmatch(value):
                raise _wrong(name, "This has to be an integer.")
            return int(value)
        case "boolean":
            if value not in _BOOLEANS:
                raise _wrong(name, "This has to be true or false.")
            return _BOOLEANS[value]
        case "object":
            return read_object(value.encode())
        case _:
            return value


def _wrong(name: str, message: str) -> Invalid:
    return Invalid("invalid", WRONG, errors={name: [message]})


def read(contract: type[M], data: Mapping[str, Any]) -> M:
    """The message that ``data`` (JSON-ready, published names) says. Raises ``Invalid``, naming every field that is wrong."""
    try:
        text = json.dumps(data, allow_nan=False)
    except ValueError:  # 1e999 is a number in JSON and infinite in Python
        raise Invalid("malformed_json", "A number is out of range.") from None
    try:
        return contract.read(text)
    except ValidationError as error:
        raise Invalid("invalid", WRONG, errors=fields_in(error)) from None


def fields_in(error: ValidationError) -> dict[str, list[str]]:
    """Sentences by camelCase field path (``items.0.quantity``); what a client sent is not repeated."""
    found: dict[str, list[str]] = defaultdict(list)
    for detail in error.errors(include_url=False, include_context=False, include_input=False)[:MOST_ERRORS]:
        path = ".".join(str(part) for part in detail["loc"]) or "body"
        found[path].append(detail["msg"].removeprefix("Value error, "))
    return dict(found)
