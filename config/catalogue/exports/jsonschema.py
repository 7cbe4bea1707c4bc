"""One JSON Schema per message and version, for whoever writes or validates payloads."""

from __future__ import annotations

from typing import Any

from config.catalogue.exports.texts import as_json
from shop.contracts.base import Message
from shop.contracts.lock import deprecation
from shop.contracts.registry import ALL

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def jsonschema() -> dict[str, str]:
    """``Name@version.json`` for every published message; what it is answered with stands under ``x-response``."""
    return {f"{message.full_name()}.json": as_json(_document(message)) for message in ALL}


def _document(message: type[Message]) -> dict[str, Any]:
    schema = message.json_schema()
    document: dict[str, Any] = {
        "$schema": DRAFT,
        "$id": f"urn:shop:{message.kind}:{message.message_name()}:{message.version}",
        "title": message.message_name(),
        **schema,
        "x-kind": message.kind,
        "x-owner": message.owner,
        "x-version": message.version,
    }
    if message.meaning:
        document["x-meaning"] = message.meaning
    if message.deprecated_since:
        document |= {"deprecated": True, "x-deprecated": deprecation(message)}
    if message.http:
        document["x-http"] = {"method": message.http.method, "path": message.http.path, "statuses": list(message.http.statuses)}
    if message.response:
        document["x-response"] = message.response.json_schema()
    return document
