"""Messages as pages of the catalogue, each version with its schemas."""

from __future__ import annotations

from typing import Any

from config.catalogue.design import design
from config.catalogue.exports.catalog_page import Page, plain
from config.catalogue.exports.texts import as_json, deprecated, prose, summary
from config.catalogue.people import home_of, served
from shop.contracts.base import Command, Event, Message, Query
from shop.contracts.lock import deprecation
from shop.contracts.privacy import outside_schema
from shop.contracts.registry import latest


def pages() -> list[Page]:
    """Every served message in every version."""
    return [_page(message) for message in served()]


def folder_of(message: type[Message]) -> str:
    """Below the service that handles, answers or states it; older versions below the newest."""
    home = home_of(message)
    kind = "commands" if issubclass(message, Command) else "events" if issubclass(message, Event) else "queries"
    folder = f"domains/{home.domain}/services/{home.service}/{kind}/{message.message_name()}"
    return folder if latest(message.message_name()) is message else f"{folder}/versioned/{message.version}"


def _page(message: type[Message]) -> Page:
    front: dict[str, Any] = {
        "id": message.message_name(),
        "name": message.message_name(),
        "version": message.version,
        "summary": summary(message),
        "owners": [message.owner],
        "schemaPath": "schema.json",
    }
    if message.http is not None:
        front["operation"] = {
            "method": message.http.method,
            "path": message.http.path,
            "statusCodes": [str(status) for status in message.http.statuses],
        }
    if message.deprecated_since is not None:
        front["deprecated"] = {"date": deprecation(message)["since"], "message": deprecated(message)}
    beside = {"schema.json": as_json(message.json_schema())}
    if message.response is not None:
        beside["response.json"] = as_json(message.response.json_schema())
    if issubclass(message, Event):
        beside["outside.json"] = as_json(outside_schema(message.json_schema()))
    return Page(folder_of(message), front, _body(message, beside), beside)


def _body(message: type[Message], beside: dict[str, str]) -> str:
    known = design()
    said_by = known.askers(message) if issubclass(message, Query) else known.producers(message)
    schemas = "\n\n".join(
        f'<SchemaViewer file="{name}" title="{_CALLED[name]}" id="{name.partition(".")[0]}" />' for name in beside
    )
    return (
        f"{plain(prose(message))}\n\n{_line('Comes in by', known.doors.get(message, ()))}"
        f"{_line('Said by', said_by)}{_line('Read by', known.consumers.get(message, ()))}\n"
        f"## Schemas\n\n{schemas}\n\n## Where it goes\n\n<NodeGraph />"
    )


_CALLED = {"schema.json": "Payload", "response.json": "Answer", "outside.json": "What outsiders are told"}


def _line(title: str, names: tuple[str, ...]) -> str:
    return f"- {title}: {', '.join(f'`{name}`' for name in names)}\n" if names else ""
