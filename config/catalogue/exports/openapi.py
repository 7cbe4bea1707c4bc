"""The HTTP surface: the document that ``/api/schema/`` serves, as a file."""

from __future__ import annotations

from typing import Any

from drf_spectacular.settings import spectacular_settings

from config.catalogue.exports.texts import as_json


def openapi() -> dict[str, str]:
    """``openapi.json``."""
    return {"openapi.json": as_json(document())}


def document() -> dict[str, Any]:
    """The OpenAPI document as data."""
    generator: Any = spectacular_settings.DEFAULT_GENERATOR_CLASS()
    found: dict[str, Any] = generator.get_schema(request=None, public=True)
    return found
