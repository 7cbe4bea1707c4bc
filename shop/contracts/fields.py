"""The field types every contract is written with: identifiers, money, times, text, secrets.

What a client must know is in the published schema. What only protects the database (a bigint that would overflow, a
NUL byte in a text) is enforced by ``Unpublished`` limits: same validation, in Rust, same error, not in the schema.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SecretStr,
)
from pydantic.json_schema import JsonSchemaValue, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

LARGEST_BIGINT: Final = 2**63 - 1
LARGEST_INTEGER: Final = 2**31 - 1
LONGEST_TEXT: Final = 10_000
LONGEST_NAME: Final = 200
LONGEST_EMAIL: Final = 254
LONGEST_SECRET: Final = 1_024
MOST_ITEMS: Final = 200
MOST_PARCELS: Final = 99  # as many as a carrier takes under one booking
REDACTED: Final = "**********"
# What the published schema says beside JSON Schema's own keywords.
PERSONAL: Final = "x-personal"
MEANING: Final = "x-meaning"

_KEYWORDS: Final = {
    "max_length": ("maxLength", "maxItems"),
    "pattern": ("pattern",),
    "ge": ("minimum",),
    "le": ("maximum",),
}
_WITHOUT_NUL: Final = r"^[^\x00]*$"
_RFC3339: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
_EMAIL: Final = r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+$"


class Unpublished:
    """Core-schema limits that hold at run time and stay out of the JSON Schema. A published limit on top wins."""

    def __init__(self, **limits: int | str) -> None:
        self.limits = limits

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: Any = handler(source)
        return {**schema, **self.limits}

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        rendered = handler(schema)
        for name, value in self.limits.items():
            for keyword in _KEYWORDS[name]:
                if rendered.get(keyword) == value:
                    del rendered[keyword]
        return rendered


class EmailText:
    """Text that looks like an e-mail address; whether anybody reads it only a message to it can tell."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strict=True, pattern=_EMAIL, max_length=LONGEST_EMAIL)
        return core_schema.custom_error_schema(text, "email", custom_error_message="Input should be an e-mail address")

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "email"}


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Marks a field that says something about a person: masked in logs and in the back office, never told to outsiders, replaced
    by an erasure. ``remark``: what somebody wrote about a person in his own words; what else is called so need not be.
    """

    remark: bool = False

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), PERSONAL: True}


@dataclass(frozen=True, slots=True)
class Meaning:
    """Says what a field means where its type cannot: ``Meaning("gross")``. Another word for it is a breaking change."""

    word: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), MEANING: self.word}


Personal: Final = PersonalData()
Remark: Final = PersonalData(remark=True)


class Rfc3339:
    """Accepts a time from JSON only as RFC 3339 text; the parser alone would also take seconds since 1970."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        moment: Any = handler(source)
        text = core_schema.str_schema(strict=True, pattern=_RFC3339)
        told = core_schema.custom_error_schema(
            text, "rfc3339", custom_error_message="Input should be a time such as 2026-01-31T12:00:00Z"
        )
        from_json = core_schema.chain_schema([told, {**moment, "strict": False}])
        return core_schema.json_or_python_schema(from_json, moment)


def _in_utc(moment: dt.datetime) -> dt.datetime:
    if not moment.utcoffset():
        return moment
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("time is out of range in UTC") from None


def _not_redacted(secret: SecretStr) -> SecretStr:
    """A stored payload holds asterisks in place of a secret; reading one back must never set it as a password."""
    value = secret.get_secret_value()
    if len(value) > LONGEST_SECRET:
        raise ValueError(f"a secret has at most {LONGEST_SECRET} characters")
    if value == REDACTED:
        raise ValueError("a redacted secret cannot be read back")
    return secret


def _all_different(values: list[Any]) -> list[Any]:
    if len(set(values)) != len(values):
        raise ValueError("every item may be given once only")
    return values


Uuid = uuid.UUID
# A naive time is refused, another offset is turned into UTC, and it is always written with Z.
UtcTime = Annotated[AwareDatetime, Rfc3339(), AfterValidator(_in_utc)]
Date = dt.date

# Integer minor units of the currency beside it (EUR 12.50 is 1250).
Money = Annotated[int, Unpublished(ge=-LARGEST_BIGINT, le=LARGEST_BIGINT)]
PositiveMoney = Annotated[Money, Field(ge=0)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]

Integer = Annotated[int, Unpublished(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Count = Annotated[Integer, Field(ge=0)]
Quantity = Annotated[Integer, Field(ge=1)]
Page = Annotated[Integer, Field(ge=1)]
PageSize = Annotated[int, Field(ge=1, le=100)]
Limit = Annotated[int, Field(ge=1, le=10_000)]

Text = Annotated[str, Unpublished(max_length=LONGEST_TEXT, pattern=_WITHOUT_NUL)]
Name = Annotated[str, Unpublished(max_length=LONGEST_NAME, pattern=_WITHOUT_NUL)]
RequiredName = Annotated[Name, Field(min_length=1)]
Reason = Annotated[str, Unpublished(pattern=_WITHOUT_NUL), Field(max_length=250)]
RequiredReason = Annotated[Reason, Field(min_length=1)]
Email = Annotated[str, EmailText(), Personal]
Secret = Annotated[SecretStr, AfterValidator(_not_redacted), WithJsonSchema({"type": "string"})]
Password = Annotated[
    SecretStr, Field(min_length=8), AfterValidator(_not_redacted), WithJsonSchema({"type": "string", "minLength": 8})
]

UpToMostItems = Unpublished(max_length=MOST_ITEMS)
AllDifferent = AfterValidator(_all_different)
Uuids = Annotated[list[Uuid], Field(max_length=MOST_ITEMS)]
Names = Annotated[list[Name], UpToMostItems]

DeliveryMethod = Literal["HOME_DELIVERY", "CLICK_AND_COLLECT"]
Priority = Literal["STANDARD", "EXPEDITED", "SAME_DAY"]
FraudVerdict = Literal["pass", "review"]
# What a customer is told about a checkout; DELAYED is a saga that waits for a person.
CheckoutStatus = Literal["PROCESSING", "COMPLETED", "FAILED", "DELAYED"]
