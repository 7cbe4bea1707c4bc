"""Reading a request body strictly: small, flat enough, UTF-8, one JSON object, every key once, nothing JSON does not have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, Final, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from shop.messaging.errors import Invalid, Refused

DEEPEST: Final = 32
TOO_LARGE: Final = 413


class StrictJSONParser(BaseParser):
    """The only parser of the API. Raises ``Invalid`` (400), or ``Refused`` with 413 for a body above the limit."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise too_large()
        return read_object(body)


def too_large() -> Refused:
    """The refusal of a body above ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return Refused("body_too_large", f"The body has more than {limit} bytes.", status=TOO_LARGE)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object that ``body`` is; an empty body is an empty object. Raises ``Invalid``."""
    if not body.strip():
        return {}
    value = _decoded(body)
    if not isinstance(value, dict):
        raise Invalid("object_expected", "The body has to be a JSON object.")
    # Depth and escapes are checked by walking only where there can be something to find.
    if body.count(b"[") + body.count(b"{") > DEEPEST or b"\\u" in body:
        _check(value, 1)
    return value


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), object_pairs_hook=_each_key_once, parse_constant=_no_such_number)
    except UnicodeDecodeError:
        raise Invalid("not_utf8", "The body is not UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise Invalid("malformed_json", "The body is not JSON.") from None


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Invalid("duplicate_key", "An object in the body has the same key twice.")
    return result


def _no_such_number(name: str) -> NoReturn:
    raise Invalid("malformed_json", f"{name} is not a JSON number.")


def _too_deep() -> Invalid:
    return Invalid("nested_too_deeply", f"The body is nested more than {DEEPEST} levels deep.")


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise _too_deep()
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_text(key)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)


def check_text(text: str) -> None:
    """Raise ``Invalid`` for what Postgres cannot store as text: NUL, and halves of surrogate pairs."""
    if "\x00" in text:
        raise Invalid("nul_character", "Text may not contain the character U+0000.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid("lone_surrogate", "Text may not contain half of a surrogate pair.")
