"""The published language as documents, one module per format. Each gives file names and their text, equal for equal code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from config.catalogue.exports.asyncapi import asyncapi
from config.catalogue.exports.eventcatalog import eventcatalog
from config.catalogue.exports.jsonschema import jsonschema
from config.catalogue.exports.markdown import markdown
from config.catalogue.exports.openapi import openapi

Files = Mapping[str, str]

FORMATS: Final[Mapping[str, Callable[[], Files]]] = {
    "jsonschema": jsonschema,
    "openapi": openapi,
    "asyncapi": asyncapi,
    "eventcatalog": eventcatalog,
    "markdown": markdown,
}
