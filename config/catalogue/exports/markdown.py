"""The language as pages to read: an index by owner, one page per message, one per flow with its drawing."""

from __future__ import annotations

from collections.abc import Iterator

from config.catalogue.design import design
from config.catalogue.exports.texts import ABOUT, TITLE, as_json, deprecated, key_of, prose, summary
from config.catalogue.flows import Flow, flows
from config.catalogue.touched import whom
from shop.contracts.base import Event, Message
from shop.contracts.privacy import outside_schema
from shop.contracts.registry import ALL
from shop.messaging.routing import switchboard


def markdown() -> dict[str, str]:
    """``README.md``, ``messages/Name@version.md``, ``flows/Name.md``."""
    design()
    return {
        "README.md": _index(),
        **{f"messages/{message.full_name()}.md": _page(message) for message in _sorted()},
        **{f"flows/{flow.id}.md": _flow(flow) for flow in flows()},
    }


def _sorted() -> list[type[Message]]:
    return sorted(ALL, key=lambda message: (message.owner, message.message_name(), message.version))


def _index() -> str:
    lines = [f"# {TITLE}: contracts", "", ABOUT, ""]
    for owner in sorted({message.owner for message in ALL}):
        lines += [f"## {owner}", "", "| Message | Kind | Version | What it says |", "|---|---|---|---|"]
        lines += [_row(message) for message in _sorted() if message.owner == owner]
        lines.append("")
    lines += ["## Flows", "", *(f"- [{flow.id}](flows/{flow.id}.md): {', '.join(flow.doors)}" for flow in flows())]
    return "\n".join(lines) + "\n"


def _row(message: type[Message]) -> str:
    link = f"[{message.message_name()}](messages/{message.full_name()}.md)"
    said = " ".join(filter(None, (summary(message), deprecated(message), _later(message)))).replace("|", "\\|")
    return f"| {link} | {message.kind} | {message.version} | {said} |"


def _later(message: type[Message]) -> str:
    return "Published, not served yet." if message in switchboard().later else ""


def _page(message: type[Message]) -> str:
    return "\n\n".join(_parts(message)) + "\n"


def _parts(message: type[Message]) -> Iterator[str]:
    yield f"# {message.full_name()}"
    yield from filter(None, (prose(message), deprecated(message), _later(message)))
    yield f"{message.kind.capitalize()} of {message.owner}. {whom(message.full_name())}"
    if message.http is not None:
        statuses = ", ".join(str(status) for status in message.http.statuses)
        yield f"`{message.http.method} {message.http.path}` answers {statuses}."
    yield f"## Payload\n\n```json\n{as_json(message.json_schema())}```"
    if message.response is not None:
        yield f"## Answer\n\n```json\n{as_json(message.response.json_schema())}```"
    if issubclass(message, Event) and outside_schema(message.json_schema()) != message.json_schema():
        yield f"## What outsiders are told\n\n```json\n{as_json(outside_schema(message.json_schema()))}```"


def _flow(flow: Flow) -> str:
    arrows = [f"    {_node(step.message)} --> {_node(after)}" for step in flow.steps for after in step.next]
    arrows += [f"    {_node(step.message)} -. takes back .-> {_node(after)}" for step in flow.steps for after in step.undo]
    doors = f"Begins with {flow.start.full_name()}: {', '.join(flow.doors)}."
    return f"# {flow.id}\n\n{doors}\n\n```mermaid\nflowchart TD\n" + "\n".join(arrows) + "\n```\n"


def _node(message: type[Message]) -> str:
    shape = ("([", "])") if issubclass(message, Event) else ("[", "]")
    return f"{key_of(message).replace('.', '_').replace('-', '_')}{shape[0]}{message.message_name()}{shape[1]}"
