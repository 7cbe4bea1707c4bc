"""Domains, systems, services, data stores, channels and teams as pages of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.conf import settings

from config.catalogue.design import design
from config.catalogue.entities import entities
from config.catalogue.exports.catalog_page import Page, pointers
from config.catalogue.exports.texts import release
from config.catalogue.people import home_of, owner_of, served, stream_of, systems
from config.catalogue.places import SUMMARIES, TITLES, System, system_of
from shop.contracts.base import Event, Message, Query
from shop.contracts.registry import ALL, latest
from shop.messaging.routing import switchboard

DATABASE, BELL, STREAM = "shop-database", "doorbell", "event-stream"
PLATFORM_TEAM: Final = "messaging-platform"
# Who is outside: name, what it is for, which system talks to it.
OUTSIDE: Final = (
    ("stripe", "Stripe", "Holds, captures and refunds money.", "payments"),
    ("fraud-detection", "Fraud detection", "Says whether a payment looks like fraud.", "payments"),
    ("carrier", "Carrier", "Takes parcels and says where they are.", "fulfilment"),
)


def pages(flows: Sequence[Page]) -> list[Page]:
    """Every place there is; ``flows`` belong to the services that begin them."""
    found = systems()
    kept = {entity.system.package: entity.system for entity in entities()}
    everywhere = sorted({**kept, **{system.package: system for system in found}}.values(), key=lambda system: system.package)
    return [
        *(_domain(domain, [system for system in everywhere if system.domain == domain], flows) for domain in TITLES
          if any(system.domain == domain for system in everywhere)),
        *(_system(system, flows) for system in everywhere),
        *(_service(system, flows) for system in everywhere),
        *(_outside(*outsider) for outsider in OUTSIDE),
        *_stores(),
        *_channels(),
        *_teams(),
    ]  # fmt: skip


def _domain(domain: str, own: Sequence[System], flows: Sequence[Page]) -> Page:
    folder = f"domains/{domain}"
    front: dict[str, Any] = {
        "id": domain,
        "name": TITLES[domain],
        "summary": SUMMARIES[domain],
        "owners": sorted({owner_of(system) for system in own}),
        "services": _at_release(system.service for system in own),
        "systems": _at_release(system.id for system in own),
        "entities": _at_release(entity.name for entity in entities() if entity.system.domain == domain),
        "flows": _at_release(flow.front["id"] for flow in flows if flow.folder.startswith(f"{folder}/")),
    }
    return Page(folder, front, f"{SUMMARIES[domain]}\n\n<NodeGraph />")


def _system(system: System, flows: Sequence[Page]) -> Page:
    front: dict[str, Any] = {
        "id": system.id,
        "name": system.title,
        "summary": system.summary,
        "owners": [owner_of(system)],
        "services": _at_release([system.service]),
        "entities": _at_release(entity.name for entity in entities() if entity.system == system),
        "containers": _at_release([DATABASE]),
        "flows": _at_release(_begun_by(system, flows)),
    }
    return Page(f"domains/{system.domain}/systems/{system.id}", front, f"The code in `{system.package.replace('.', '/')}`.")


def _service(system: System, flows: Sequence[Page]) -> Page:
    sends, receives = _said_and_heard(system)
    front: dict[str, Any] = {
        "id": system.service,
        "name": system.title,
        "summary": system.summary,
        "owners": [owner_of(system)],
        "sends": [{**one, "to": _at_release([_queue_of_events(one["id"])])} for one in sends],
        "receives": receives,
        "entities": _at_release(entity.name for entity in entities() if entity.system == system),
        "writesTo": _at_release([DATABASE]),
        "readsFrom": _at_release([DATABASE]),
        "flows": _at_release(_begun_by(system, flows)),
    }
    body = f"Runs the code in `{system.package.replace('.', '/')}`. It alone writes its tables.\n\n<NodeGraph />"
    return Page(f"domains/{system.domain}/services/{system.service}", front, body)


def _said_and_heard(system: System) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    known = design()
    sends: dict[str, str] = {}
    receives: dict[tuple[str, str], None] = {}
    for message in served():
        said_by = known.askers(message) if issubclass(message, Query) else known.producers(message)
        belongs = issubclass(message, Event) and home_of(message) == system
        if (belongs or any(system_of(name) == system for name in said_by)) and latest(message.message_name()) is message:
            sends[message.message_name()] = message.version
        if any(system_of(name) == system for name in known.consumers.get(message, ())) and not message.deprecated_since:
            receives[message.message_name(), message.version] = None
    return pointers(sends), [{"id": name, "version": version} for name, version in sorted(receives)]


def _queue_of_events(name: str) -> str:
    """Where a message goes when it is sent: the queue of who gets it first, or its owner's stream when nobody here does."""
    message = latest(name)
    if issubclass(message, Query):
        return "direct"
    routes = switchboard().routes(message)
    return f"mailbox-{routes[0].queue}" if routes else stream_of(message.owner)


def _begun_by(system: System, flows: Sequence[Page]) -> list[str]:
    begun = [flow for flow in flows if flow.folder.startswith(f"domains/{system.domain}/flows/")]
    return [flow.front["id"] for flow in begun if flow.front["begun-by"] == system.id]


def _outside(name: str, title: str, summary: str, domain: str) -> Page:
    front = {
        "id": name,
        "name": title,
        "summary": summary,
        "owners": [owner_of(system_of(domain)) if domain == "payments" else "fulfilment-platform"],
        "externalSystem": True,
    }
    return Page(f"domains/{domain}/services/{name}", front, f"{summary} Outside the house: slow, down or late at any time.")


def _stores() -> list[Page]:
    told = (
        (DATABASE, "Shop database", "database", "PostgreSQL", True, "Every table and the mailbox. What counts is here."),
        (BELL, "Doorbell", "cache", "Redis or Valkey", False, "Says which queue has mail. Losing it costs seconds, never work."),
        (STREAM, "Event stream", "other", "Redis Streams", False, "Events for outsiders, written again from the database."),
    )
    return [
        Page(
            f"containers/{name}",
            {
                "id": name,
                "name": title,
                "summary": summary,
                "owners": [PLATFORM_TEAM],
                "container_type": kind,
                "technology": technology,
                "authoritative": authoritative,
                "access_mode": "readWrite",
            },
            summary,
        )
        for name, title, kind, technology, authoritative, summary in told
    ]


def _channels() -> list[Page]:
    queues = [
        _channel(f"mailbox-{queue}", f"Mailbox, queue {queue}", queue, "postgresql",
                 f"Deliveries whose handlers run in the queue {queue}: at least once, exactly one effect in the database.")
        for queue in settings.QUEUES
    ]  # fmt: skip
    owners = sorted({message.owner for message in served() if issubclass(message, Event)})
    streams = [
        _channel(stream_of(owner), f"Events of {owner}", stream_of(owner), "redis",
                 f"Events of {owner} for outsiders: at least once, in order per key, without personal data.")
        for owner in owners
    ]  # fmt: skip
    direct = _channel("direct", "Direct question", "in process", "python", "Answered where it is asked, and over HTTP.")
    return [*queues, *streams, direct]


def _channel(name: str, title: str, address: str, protocol: str, summary: str) -> Page:
    front = {
        "id": name,
        "name": title,
        "summary": summary,
        "owners": [PLATFORM_TEAM],
        "address": address,
        "protocols": [protocol],
        "deliveryGuarantee": "at-least-once",
    }
    return Page(f"channels/{name}", front, summary)


def _teams() -> list[Page]:
    owners: dict[str, list[type[Message]]] = {PLATFORM_TEAM: []}
    for message in ALL:
        owners.setdefault(message.owner, []).append(message)
    return [
        Page(
            "teams",
            {"id": owner, "name": owner.replace("-", " ").capitalize(), "summary": f"Owns {len(owned)} contracts."},
            f"Owns {len(owned)} contracts of the shop, and decides what they mean.",
            name=f"{owner}.mdx",
        )
        for owner, owned in sorted(owners.items())
    ]


def _at_release(names: Iterable[str]) -> list[dict[str, str]]:
    return pointers({name: release() for name in names})
