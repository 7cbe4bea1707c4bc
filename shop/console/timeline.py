"""Everything that happened in one chain, from the mailbox alone: commands and what came of them, events, deliveries that are
stuck, and what operators did. Knows no department; payload ids become links through the directory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from shop.console.formats import as_json, duration
from shop.console.history import actions_on, changes
from shop.console.sections import Detail, Entry
from shop.messaging.models import Delivery, Message
from shop.messaging.states import DeliveryStatus

MOST: Final = 300
MOST_ABOUT: Final = 50
COMMAND, EVENT = "command", "event"
STUCK: Final = {
    DeliveryStatus.DEAD: "bad",
    DeliveryStatus.DISCARDED: "warn",
    DeliveryStatus.OPEN: "busy",
    DeliveryStatus.LEASED: "busy",
}


@dataclass(frozen=True, slots=True)
class Chain:
    """The messages of some correlations, the oldest first, with their deliveries; ``cut`` if there are more than ``MOST``:
    then it is the first half of so many and the last."""

    messages: Sequence[Message]
    deliveries: Mapping[UUID, Sequence[Delivery]]
    cut: bool
    followers: Mapping[UUID | None, Sequence[Message]] = field(default_factory=dict)


def read_chain(correlations: Collection[UUID], about: str = "") -> Chain:
    """A few queries, whatever happened; of very much both ends. ``about`` is a key: what was said of it in any other chain
    belongs to it too."""
    said = Message.objects.filter(correlation_id__in=list(correlations))
    found = list(said.order_by("id")[: MOST + 1])
    messages, more = found, len(found) > MOST
    if more:
        messages = [*found[: MOST // 2], *reversed(said.filter(id__gt=found[MOST // 2 - 1].id).order_by("-id")[: MOST // 2])]
    if about:
        known = {message.id for message in messages}
        of_it = Message.objects.filter(key=about).order_by("-id")[:MOST_ABOUT]
        messages = sorted([*messages, *(one for one in of_it if one.id not in known)], key=lambda message: message.id)
    followers: dict[UUID | None, list[Message]] = defaultdict(list)
    for message in messages:
        followers[message.causation_id].append(message)
    return Chain(messages, _deliveries_of(messages), more, followers)


def _deliveries_of(messages: Sequence[Message]) -> Mapping[UUID, Sequence[Delivery]]:
    deliveries: dict[UUID, list[Delivery]] = defaultdict(list)
    for delivery in Delivery.objects.filter(message_id__in=[message.id for message in messages]).order_by("id"):
        deliveries[delivery.message_id].append(delivery)
    return deliveries


def entries_of(chain: Chain, targets: Iterable[str] = (), attempts: Mapping[UUID, Any] | None = None) -> list[Entry]:
    """One entry per message and per operator action. ``attempts`` are a saga's tries by the command that made them."""
    known = attempts or {}
    entries = [_entry(message, chain, known.get(message.id)) for message in chain.messages]
    ids = {str(delivery.id) for some in chain.deliveries.values() for delivery in some}
    entries += [_action_entry(action) for action in actions_on({*targets, *ids}).order_by("id")[:MOST]]
    return sorted(entries, key=lambda entry: entry.at)


def _entry(message: Message, chain: Chain, attempt: Any | None) -> Entry:
    deliveries = chain.deliveries.get(message.id, ())
    entry = Entry(
        at=message.created_at,
        icon="send" if message.kind == COMMAND else "campaign",
        title=message.name,
        tone="plain",
        who="" if message.actor.startswith("system") else f"by {message.actor}",
        url=reverse("admin:messaging_message_change", args=[message.id]),
        badges=[("command", "plain") if message.kind == COMMAND else ("event", "busy")],
        details=[Detail("input" if message.kind == COMMAND else "what it says", as_json(message.payload))],
    )
    if message.kind == COMMAND:
        _tell_outcome(entry, message, chain)
    for delivery in deliveries:
        _tell_delivery(entry, delivery, only=len(deliveries) == 1)
    if attempt is not None:
        _tell_attempt(entry, attempt)
    return entry


def _tell_outcome(entry: Entry, message: Message, chain: Chain) -> None:
    answers = [follower for follower in chain.followers.get(message.id, ()) if follower.kind == EVENT]
    if answers:
        entry.sentence = f"→ {', '.join(answer.name for answer in answers)}"
        entry.details.append(Detail("output", as_json({answer.name: answer.payload for answer in answers})))


def _tell_delivery(entry: Entry, delivery: Delivery, *, only: bool) -> None:
    if delivery.status == DeliveryStatus.DONE:
        if only:
            entry.took = duration(delivery.created_at, delivery.done_at)
        return
    tone = STUCK[DeliveryStatus(delivery.status)]
    entry.tone = tone if entry.tone != "bad" else entry.tone
    tries = f" after {delivery.attempts} tries" if delivery.attempts else ""
    entry.badges.append((f"{delivery.get_status_display().lower()} at {delivery.subscriber}{tries}", tone))
    if delivery.error:
        entry.details.append(Detail(f"error at {delivery.subscriber}", delivery.error))


ATTEMPT_TONES: Final = {
    "done": "good",
    "failed": "bad",
    "no_answer": "warn",
    "skipped": "warn",
    "given_up": "warn",
    "waiting": "busy",
}


def _tell_attempt(entry: Entry, attempt: Any) -> None:
    what = f"undo of {attempt.step}" if attempt.undo else attempt.step
    entry.badges[0] = (f"try {attempt.attempt}", "plain")
    entry.title = f"{what}: {entry.title}" if attempt.undo else entry.title
    tone = ATTEMPT_TONES[attempt.outcome]
    entry.tone = "bad" if entry.tone == "bad" else tone
    entry.badges.append((attempt.get_outcome_display().lower(), tone))
    if attempt.finished_at is not None:
        entry.took = duration(attempt.started_at, attempt.finished_at)
    if attempt.error:
        entry.details.append(Detail("error", attempt.error))
        entry.sentence = entry.sentence or attempt.error
    entry.icon = "undo" if attempt.undo else "play_arrow"


def _action_entry(action: Any) -> Entry:
    difference = changes(action)
    return Entry(
        at=action.at,
        icon="person",
        title=f"{action.actor} did {action.verb}",
        tone="warn",
        sentence=f"“{action.reason}”",
        badges=[("operator", "warn")],
        details=[Detail("what it changed", difference)] if difference else [],
    )


def entries_about(key: str) -> list[Entry]:
    """The newest messages of one aggregate, and what operators did to it; for things that are in no single chain."""
    messages = list(Message.objects.filter(key=key).order_by("-id")[:MOST_ABOUT])
    return entries_of(Chain(messages, _deliveries_of(messages), cut=False), [key])
