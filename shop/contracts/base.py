"""What every published message is: a small frozen pydantic class with a name, a version and an owner.

One class gives the stored payload and its validation, the JSON Schema, the HTTP body and the OpenAPI component.
Payload keys are camelCase; attributes are snake_case. Validation is strict: ``"5"``, ``5.0`` and ``True`` are no
integers, and what is absent is left out rather than ``null``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

COMMAND, EVENT, QUERY = "command", "event", "query"


@dataclass(frozen=True, slots=True)
class Http:
    """The HTTP operation a message is also reachable by: method, path template, success and failure statuses."""

    method: str
    path: str
    statuses: tuple[int, ...]

    @property
    def success(self) -> int:
        """The 2xx status this operation answers with when it worked."""
        return next(status for status in self.statuses if 200 <= status < 300)


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with every ``$ref`` replaced by what it points at. Contracts are never recursive."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    beside = {key: _inlined(value, definitions) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return beside
    return _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions) | beside


def _never_null_in_json(schema: Any) -> Any:
    """An optional field that JSON leaves out instead of saying ``null``; in Python it may be ``None``."""
    if schema["type"] != "default" or schema["schema"]["type"] != "nullable":
        return schema
    nullable = schema["schema"]
    return {
        **schema,
        "schema": core_schema.json_or_python_schema(nullable["schema"], nullable, metadata=nullable.get("metadata")),
    }


class PublishedSchema(GenerateJsonSchema):
    """JSON Schema as published: an optional field is absent, never ``null``; no generated titles, no references."""

    def generate(self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        rendered = super().generate(schema, mode)
        definitions = rendered.pop("$defs", {})
        result: JsonSchemaValue = _inlined(rendered, definitions)
        return result

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        rendered = super().default_schema(schema)
        if rendered.get("default", ...) is None:
            rendered.pop("default")
        return rendered

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        rendered = super().model_schema(schema)
        rendered.pop("title", None)
        return rendered

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        return {"type": "string", "enum": list(schema["expected"])}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class Part(BaseModel):
    """A value inside a message (an item, an address, a response). Never sent on its own."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        ser_json_inf_nan="null",
        allow_inf_nan=False,
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        schema = handler(source)
        model: Any = handler.resolve_ref_schema(schema)
        while model["type"] != "model-fields":
            model = model["schema"]
        for field in model["fields"].values():
            field["schema"] = _never_null_in_json(field["schema"])
        return schema

    def payload(self) -> str:
        """This value as JSON text with camelCase keys, absent fields left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True)

    def data(self) -> dict[str, Any]:
        """This value as JSON-ready Python data with camelCase keys, absent fields left out."""
        result: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return result

    @classmethod
    def read(cls, payload: str | bytes) -> Self:
        """The message a stored or received JSON payload says. Raises ``pydantic.ValidationError``."""
        return cls.model_validate_json(payload, by_alias=True, by_name=False)

    @classmethod
    def read_data(cls, data: Mapping[str, Any]) -> Self:
        """What JSON-ready data says (a decoded body, a ``jsonb`` column, ids from a path), as strictly as ``read``.

        Raises ``pydantic.ValidationError``.
        """
        return cls.read(json.dumps(data, default=str))

    @classmethod
    def read_strings(cls, strings: Mapping[str, Any]) -> Self:
        """What the text values of a query string say; only here is ``"5"`` an integer.

        Raises ``pydantic.ValidationError``.
        """
        return cls.model_validate_strings(strings, by_alias=True, by_name=False)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The published JSON Schema of this class."""
        return cls.model_json_schema(by_alias=True, schema_generator=PublishedSchema, mode="serialization")


class Message(Part):
    """A published contract. Subclasses say ``version``, ``owner``, ``key`` (ordering key attribute) and ``http``.

    ``meaning`` marks what the whole message means; changing it is a breaking change, as it is for a field's ``Meaning``.
    ``deprecated_since`` says from when nobody should begin to use this version, ``removed_after`` until when it is kept.
    """

    kind: ClassVar[str]
    version: ClassVar[str] = "1.0.0"
    owner: ClassVar[str]
    key: ClassVar[str | None] = None
    http: ClassVar[Http | None] = None
    response: ClassVar[type[Part] | None] = None
    published_name: ClassVar[str | None] = None
    meaning: ClassVar[str | None] = None
    deprecated_since: ClassVar[date | None] = None
    removed_after: ClassVar[date | None] = None

    @classmethod
    def message_name(cls) -> str:
        """The published name, equal for every version of one message (``OrderCreated``)."""
        return cls.published_name or cls.__name__

    @classmethod
    def full_name(cls) -> str:
        """``Name@version``, unique across the whole language."""
        return f"{cls.message_name()}@{cls.version}"

    def ordering_key(self) -> str:
        """The value messages of one aggregate share, as text; empty when nothing depends on order."""
        if self.key is None:
            return ""
        value: Any = self
        for attribute in self.key.split("."):
            value = getattr(value, attribute)
        return "" if value is None else str(value)

    @classmethod
    def upcast(cls, older: Mapping[str, Any]) -> Mapping[str, Any]:
        """The payload of the version before this one, as this version reads it. Identity unless overridden."""
        return older

    @classmethod
    def from_newer(cls, newer: Message) -> Self:
        """A newer version of this message, reduced to what this version says. Raises ``pydantic.ValidationError``."""
        return cls.read(newer.payload())


class Command(Message):
    """Asks another capability to do something. Named in the imperative; exactly one handler."""

    kind: ClassVar[str] = COMMAND


class Event(Message):
    """States a fact that has already happened and is durable. Any number of subscribers, also none on purpose."""

    kind: ClassVar[str] = EVENT


class Query(Message):
    """Asks for information and changes nothing. Exactly one handler, which answers with ``response``."""

    kind: ClassVar[str] = QUERY
