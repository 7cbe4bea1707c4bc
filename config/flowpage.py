"""The page of flows: what the design says may follow from a command, beside what really followed for one order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from config.catalogue.design import design
from config.catalogue.flows import Flow, contracts_of, flow_of, flows, strays
from shop.console.sections import Node
from shop.console.timeline import read_chain
from shop.contracts.base import Command, Message
from shop.contracts.registry import UnknownMessage, latest
from shop.messaging.models import Message as StoredMessage

MOST_CHAINS: Final = 20
DEEPEST: Final = 60


@dataclass(slots=True)
class Planned:
    """One message of the design, drawn below the first that leads to it. ``happened`` is ``None`` when nothing recorded is beside
    it. ``also`` and ``undoes`` name what may follow too and is drawn elsewhere."""

    title: str
    kind: str
    through: Sequence[str]
    undoing: bool
    happened: bool | None
    children: list[Planned] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    undoes: list[str] = field(default_factory=list)

    @property
    def tone(self) -> str:
        """How it is coloured."""
        if self.happened:
            return "good"
        return "warn" if self.undoing else "plain"

    @property
    def note(self) -> str:
        """What its badge says, so that colour is never the only sign."""
        said = f"{self.kind}, takes back" if self.undoing else self.kind
        return said if self.happened is None else f"{said}, {'happened' if self.happened else 'did not happen'}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the mailbox has of one thing: its messages as trees, and what the design did not foresee."""

    messages: Sequence[StoredMessage]
    roots: Sequence[Node]
    unforeseen: Sequence[str]
    cut: bool


def flow_context(start: str, about: str) -> dict[str, Any]:
    """Everything the page shows. ``start`` is a message's name, ``about`` any id; both may be empty or senseless."""
    recorded = _recorded(_uuid(about))
    begun = _message_named(start) or (_first_of(recorded) if recorded else None)
    flow = flow_of(begun) if begun else None
    happened = contracts_of(recorded.messages) if recorded else None
    return {
        "title": "Flows",
        "start": begun.message_name() if begun else "",
        "about": about[:100],
        "starts": [(one.id, ", ".join(one.doors)) for one in flows()],
        "flow": flow,
        "planned": [_planned(flow, happened)] if flow else [],
        "recorded": recorded,
        "summary": _summary(flow, happened, recorded) if flow and recorded else "",
    }


def _summary(flow: Flow, happened: set[type[Message]] | None, recorded: Recorded) -> str:
    found = len(set(flow.messages) & (happened or set()))
    said = f"{found} of the {len(flow.messages)} messages of the design were said."
    return f"{said} Every one of them followed from what the design says." if not recorded.unforeseen else said


def _message_named(name: str) -> type[Message] | None:
    try:
        return latest(name) if name else None
    except UnknownMessage:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _recorded(about: UUID | None) -> Recorded | None:
    if about is None:
        return None
    touching = StoredMessage.objects.filter(Q(pk=about) | Q(correlation_id=about) | Q(key=str(about)))
    chains = list(dict.fromkeys(touching.order_by("id").values_list("correlation_id", flat=True)[:500]))[:MOST_CHAINS]
    if not chains:
        return None
    chain = read_chain(chains)
    known = {message.id for message in chain.messages}
    before = {message.causation_id for message in chain.messages if message.causation_id and message.causation_id not in known}
    messages = [*StoredMessage.objects.filter(pk__in=before).order_by("id"), *chain.messages]
    unforeseen = strays(messages)
    odd = {(stray.before, stray.after) for stray in unforeseen}
    return Recorded(
        messages=messages,
        roots=_nodes(messages, odd, about),
        unforeseen=[f"{stray.after} followed {stray.before}" for stray in unforeseen],
        cut=chain.cut,
    )


def _first_of(recorded: Recorded) -> type[Message] | None:
    return next((found for row in recorded.messages if (found := _message_named(row.name))), None)


def _nodes(messages: Sequence[StoredMessage], odd: set[tuple[str, str]], about: UUID) -> list[Node]:
    known = {message.id: message for message in messages}
    below: dict[UUID | None, list[StoredMessage]] = {}
    for message in messages:
        below.setdefault(message.causation_id if message.causation_id in known else None, []).append(message)
    return [_node(root, known, below, odd, about, 0) for root in below.get(None, ())]


def _node(
    message: StoredMessage,
    known: Mapping[UUID, StoredMessage],
    below: Mapping[UUID | None, Sequence[StoredMessage]],
    odd: set[tuple[str, str]],
    about: UUID,
    depth: int,
) -> Node:
    cause = known.get(message.causation_id) if message.causation_id else None
    unforeseen = cause is not None and (_name(cause), _name(message)) in odd
    followers = below.get(message.id, ()) if depth < DEEPEST else ()
    return Node(
        title=message.name,
        url=reverse("admin:messaging_message_change", args=[message.id]),
        tone="bad" if unforeseen else "good" if message.kind == "command" else "plain",
        at=message.created_at,
        note=f"{message.kind}, not foreseen" if unforeseen else message.kind,
        here=message.id == about,
        children=[_node(follower, known, below, odd, about, depth + 1) for follower in followers],
    )


def _name(message: StoredMessage) -> str:
    return f"{message.name}@{message.version}"


def _planned(flow: Flow, happened: set[type[Message]] | None) -> Planned:
    """The design as a tree, as shallow as it can be: every message once, where it is reached first."""
    consumers = design().consumers

    def node(message: type[Message], *, undoing: bool) -> Planned:
        return Planned(
            title=message.message_name(),
            kind="command" if issubclass(message, Command) else "event",
            through=consumers.get(message, ()),
            undoing=undoing,
            happened=None if happened is None else message in happened,
        )

    drawn = {flow.start: node(flow.start, undoing=False)}
    for step in flow.steps:
        here = drawn[step.message]
        for undoing, following, elsewhere in ((False, step.next, here.also), (True, step.undo, here.undoes)):
            for message in following:
                if message in drawn:
                    elsewhere.append(message.message_name())
                    continue
                drawn[message] = node(message, undoing=undoing)
                here.children.append(drawn[message])
    return drawn[flow.start]
