"""AsyncAPI 3: one channel per message with all its versions, who sends on it and who receives, and the streams for outsiders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from config.catalogue.design import design
from config.catalogue.exports.texts import ABOUT, TITLE, as_json, deprecated, key_of, prose, release, summary
from config.catalogue.people import served, stream_of
from config.catalogue.places import system_of
from shop.contracts.base import Event, Message, Query
from shop.contracts.lock import deprecation
from shop.contracts.privacy import outside_schema
from shop.contracts.registry import versions

MAILBOX, STREAM = "mailbox", "stream"
OUTSIDE: Final = "outside"  # what a message for outsiders is called after its own name
Node = dict[str, Any]


def asyncapi() -> dict[str, str]:
    """``asyncapi.json``."""
    return {"asyncapi.json": as_json(document())}


def document() -> Node:
    """The AsyncAPI document as data."""
    messages = served()
    names = sorted({message.message_name() for message in messages})
    known = {name: [version for version in versions(name) if version in messages] for name in names}
    events = [message for message in messages if issubclass(message, Event)]
    answered = [message for message in messages if message.response is not None]
    return {
        "asyncapi": "3.0.0",
        "id": "urn:shop:operations",
        "info": {
            "title": TITLE,
            "version": release(),
            "description": ABOUT,
            "license": {"name": "MIT"},
            "tags": [{"name": owner} for owner in sorted({message.owner for message in messages})],
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {
            **{name: _channel(name, known[name]) for name in names},
            **{f"{message.message_name()}.answer": _answer_channel(message) for message in answered},
            **{stream_of(owner): _stream(owner, events) for owner in sorted({event.owner for event in events})},
        },
        "operations": {name: operation for found in known.values() for name, operation in _operations(found)}
        | dict(_stream_operations(events)),
        "components": {
            "messages": {key_of(message): _message(message) for message in messages}
            | {f"{key_of(message)}-answer": _answer(message) for message in answered}
            | {f"{key_of(event)}-{OUTSIDE}": _told_outside(event) for event in events},
            "schemas": {"Envelope": _envelope()},
        },
    }


def _servers() -> Node:
    return {
        MAILBOX: {
            "host": "database.internal",
            "protocol": "postgresql",
            "description": "The mailbox: every message is a row, every subscriber has a delivery. For the shop's own handlers.",
        },
        STREAM: {
            "host": "redis.internal",
            "protocol": "redis",
            "description": "One Redis stream per owner, for outsiders who read events. Without personal data.",
        },
    }


def _channel(name: str, found: Sequence[type[Message]]) -> Node:
    newest = found[-1]
    known = design()
    return {
        "address": name,
        "title": name,
        "summary": summary(newest),
        "description": prose(newest),
        "servers": [{"$ref": f"#/servers/{MAILBOX}"}],
        "messages": {key_of(version): {"$ref": f"#/components/messages/{key_of(version)}"} for version in found},
        "tags": [{"name": newest.kind}, {"name": newest.owner}],
        "x-producers": [*known.doors.get(newest, ()), *_producers(newest)],
        "x-consumers": list(known.consumers.get(newest, ())),
    }


def _answer_channel(message: type[Message]) -> Node:
    key = f"{key_of(message)}-answer"
    return {
        "address": None,
        "summary": f"Where {message.message_name()} is answered, to whoever waits.",
        "messages": {key: {"$ref": f"#/components/messages/{key}"}},
    }


def _stream(owner: str, events: Sequence[type[Message]]) -> Node:
    own = [f"{key_of(event)}-{OUTSIDE}" for event in events if event.owner == owner]
    return {
        "address": stream_of(owner),
        "summary": f"Events of {owner}, in order per key, for outsiders.",
        "servers": [{"$ref": f"#/servers/{STREAM}"}],
        "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in own},
        "tags": [{"name": owner}],
    }


def _operations(found: Sequence[type[Message]]) -> Iterator[tuple[str, Node]]:
    newest = found[-1]
    name = newest.message_name()
    for producer in _producers(newest):
        yield f"{producer}.sends.{name}", _operation("send", producer, name, [newest])
    for consumer in dict.fromkeys(who for version in found for who in design().consumers.get(version, ())):
        operation = _operation("receive", consumer, name, found)
        if newest.response is not None:
            operation["reply"] = {
                "channel": {"$ref": f"#/channels/{name}.answer"},
                "messages": [{"$ref": f"#/channels/{name}.answer/messages/{key_of(newest)}-answer"}],
            }
        yield f"{consumer}.receives.{name}", operation


def _producers(message: type[Message]) -> Sequence[str]:
    known = design()
    return known.askers(message) if issubclass(message, Query) else known.producers(message)


def _operation(action: str, who: str, channel: str, found: Sequence[type[Message]]) -> Node:
    system = system_of(who)
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "title": who,
        "summary": f"{who} {action}s {channel}",
        "tags": [{"name": system.service}, {"name": system.domain}],
        "messages": [{"$ref": f"#/channels/{channel}/messages/{key_of(version)}"} for version in found],
    }


def _stream_operations(events: Sequence[type[Message]]) -> Iterator[tuple[str, Node]]:
    for owner in sorted({event.owner for event in events}):
        channel = stream_of(owner)
        own = [event for event in events if event.owner == owner]
        yield (
            f"shop.outward.sends.{channel}",
            {
                "action": "send",
                "channel": {"$ref": f"#/channels/{channel}"},
                "summary": f"Events of {owner} are appended, where EVENT_STREAM is on.",
                "messages": [{"$ref": f"#/channels/{channel}/messages/{key_of(event)}-{OUTSIDE}"} for event in own],
            },
        )


def _message(message: type[Message]) -> Node:
    said: Node = {
        "name": message.full_name(),
        "title": message.message_name(),
        "summary": summary(message),
        "description": " ".join(filter(None, (prose(message), deprecated(message)))),
        "contentType": "application/json",
        "tags": [{"name": message.kind}, {"name": message.owner}, {"name": f"version {message.version}"}],
        "headers": {"$ref": "#/components/schemas/Envelope"},
        "payload": message.json_schema(),
    }
    return said | ({"x-deprecated": deprecation(message)} if message.deprecated_since else {})


def _answer(message: type[Message]) -> Node:
    assert message.response is not None
    return {
        "name": f"{message.full_name()} answer",
        "title": message.response.__name__,
        "summary": summary(message.response),
        "contentType": "application/json",
        "payload": message.response.json_schema(),
    }


def _told_outside(event: type[Message]) -> Node:
    return {
        "name": f"{event.full_name()} for outsiders",
        "title": event.message_name(),
        "summary": summary(event),
        "contentType": "application/json",
        "tags": [{"name": event.owner}, {"name": f"version {event.version}"}],
        "payload": outside_schema(event.json_schema()),
    }


def _envelope() -> Node:
    identifier = {"type": "string", "format": "uuid"}
    return {
        "type": "object",
        "description": "What the mailbox knows about a message beside what it says.",
        "properties": {
            "id": identifier,
            "name": {"type": "string"},
            "version": {"type": "string"},
            "key": {"type": "string", "description": "The aggregate it is about."},
            "sequence": {"type": "integer", "description": "Its place within the key, where its owner counts."},
            "correlationId": identifier,
            "causationId": identifier,
            "actor": {"type": "string"},
            "createdAt": {"type": "string", "format": "date-time"},
        },
        "required": ["id", "name", "version", "correlationId", "createdAt"],
    }
