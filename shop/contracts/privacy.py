"""Which fields of a message say something about a person: masked in logs and in the back office, never told to outsiders."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin

from shop.contracts.base import Part
from shop.contracts.fields import PERSONAL, PersonalData

MASKED: Final = "•••"


def masked(part: type[Part], data: dict[str, Any]) -> dict[str, Any]:
    """The payload of a message as JSON-ready data, every personal value replaced. Unknown fields stay."""
    personal, nested = personal_fields(part)
    return {key: MASKED if key in personal else _inside(nested.get(key), value) for key, value in data.items()}


def told_outside(part: type[Part], data: dict[str, Any]) -> dict[str, Any]:
    """What outsiders may be told of a message's JSON-ready data: the declared fields that are not personal, and nothing else."""
    personal, nested = personal_fields(part)
    return {
        key: _told_inside(nested.get(key), value)
        for key, value in data.items()
        if key not in personal and key in _published(part)
    }


def outside_schema(schema: Any) -> Any:
    """The JSON Schema of what outsiders are told: a published schema without its personal fields."""
    if isinstance(schema, list):
        return [outside_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: outside_schema(value) for key, value in schema.items()}
    if not isinstance(kept.get("properties"), dict):
        return kept
    personal = {name for name, field in kept["properties"].items() if field.get(PERSONAL)}
    kept["properties"] = {name: field for name, field in kept["properties"].items() if name not in personal}
    if "required" in kept:
        kept["required"] = [name for name in kept["required"] if name not in personal]
    return kept


def _told_inside(part: type[Part] | None, value: Any) -> Any:
    if part is None:
        return value
    if isinstance(value, list):
        return [_told_inside(part, item) for item in value]
    return told_outside(part, value) if isinstance(value, dict) else value


@cache
def _published(part: type[Part]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in part.model_fields.items())


def _inside(part: type[Part] | None, value: Any) -> Any:
    if part is None:
        return value
    if isinstance(value, list):
        return [_inside(part, item) for item in value]
    return masked(part, value) if isinstance(value, dict) else value


@cache
def personal_fields(part: type[Part]) -> tuple[frozenset[str], dict[str, type[Part]]]:
    personal: set[str] = set()
    nested: dict[str, type[Part]] = {}
    for name, field in part.model_fields.items():
        key = field.alias or name
        if any(isinstance(mark, PersonalData) for mark in (*field.metadata, *marks_of(field.annotation))):
            personal.add(key)
        for inner in _parts(field.annotation):
            nested[key] = inner
    return frozenset(personal), nested


def marks_of(annotation: Any) -> tuple[Any, ...]:
    own = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
    return (*own, *(mark for argument in get_args(annotation) for mark in marks_of(argument)))


def _parts(annotation: Any) -> tuple[type[Part], ...]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return (annotation,)
    return tuple(part for argument in get_args(annotation) for part in _parts(argument))
