"""Whom a change of a contract touches, as a sentence: who says it, who listens, and in which flows it is said."""

from __future__ import annotations

from config.catalogue.design import design
from config.catalogue.flows import flows_with, sagas_with
from config.catalogue.places import system_of
from shop.contracts.base import Event, Message, Query
from shop.contracts.registry import UnknownMessage, find, latest

MOST_FLOWS = 6


def whom(full_name: str, recorded_owner: str = "") -> str:
    """``Said by …; read by …; part of …`` for ``Name@version``, also for one whose class is gone."""
    message = _nearest(full_name)
    if message is None:
        return f"Its owner was {recorded_owner}; nobody in the code says or reads it." if recorded_owner else ""
    return f"Producer: {_producers(message)}. Consumers: {_consumers(message)}. Flows: {_flows(message)}."


def _nearest(full_name: str) -> type[Message] | None:
    name, _, version = full_name.partition("@")
    try:
        return find(name, version)
    except UnknownMessage:
        try:
            return latest(name)
        except UnknownMessage:
            return None


def _producers(message: type[Message]) -> str:
    known = design()
    if issubclass(message, Query):
        said = [*known.doors.get(message, ()), *known.askers(message)]
    else:
        said = [*known.doors.get(message, ()), *known.producers(message), *known.producers(latest(message.message_name()))]
    return _listed(list(dict.fromkeys(said)), f"{message.owner} (no code of this release)")


def _consumers(message: type[Message]) -> str:
    known = design()
    found = list(known.consumers.get(message, ()))
    nobody = "nobody in this house, but partners may" if issubclass(message, Event) else "not served yet"
    return _listed(found, nobody)


def _flows(message: type[Message]) -> str:
    sagas = [f"saga {saga.name} ({system_of(saga.subscriber_name()).title.lower()})" for saga in sagas_with(message)]
    found = [flow.id for flow in flows_with(message)]
    more = [f"{len(found) - MOST_FLOWS} more"] if len(found) > MOST_FLOWS else []
    return _listed([*sagas, *found[:MOST_FLOWS], *more], "none")


def _listed(names: list[str], otherwise: str) -> str:
    return ", ".join(names) if names else otherwise
