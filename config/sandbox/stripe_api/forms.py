"""Stripe's request encoding: forms with nested brackets, such as `metadata[order_id]=1&expand[]=latest_charge`."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from config.sandbox.wire import Json

NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
MAX_FIELDS = 1000


class BadForm(ValueError):
    """The form cannot be decoded. The message says why."""


def decoded(body: bytes) -> Json:
    """Decode a form body into nested dictionaries and lists of strings. Raises `BadForm`."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise BadForm("Invalid form encoding.") from error
    return nested(pairs)


def nested(pairs: Iterable[tuple[str, str]]) -> Json:
    """Nest pairs by the brackets in their names; numbered and empty brackets make lists. Raises `BadForm`."""
    root: Json = {}
    for name, value in pairs:
        matched = NAME.match(name)
        if not matched:
            raise BadForm(f"Invalid parameter name: {name[:80]}")
        keys = [matched[1], *re.findall(r"\[([^\[\]]*)\]", matched[2])]
        _put(root, keys, value)
    return {name: value if name == "metadata" else _as_lists(value) for name, value in root.items()}


def _put(node: Json, keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        node = node.setdefault(key or str(len(node)), {})
        if not isinstance(node, dict):
            raise BadForm(f"Parameter {keys[0]} is both a value and an object.")
    node[keys[-1] or str(len(node))] = value


def _as_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    plain = {name: _as_lists(item) for name, item in value.items()}
    if plain and all(name.isdecimal() for name in plain):
        return list(plain.values())
    return plain
