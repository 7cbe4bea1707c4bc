"""Flows as pages of the catalogue: one per saga, one per command that sets something off."""

from __future__ import annotations

from typing import Any

from config.catalogue.design import design
from config.catalogue.exports.catalog_page import Page
from config.catalogue.flows import Flow, FlowStep, flow_of, flows
from config.catalogue.people import home_of, owner_of
from config.catalogue.places import System, system_of
from shop.contracts.base import Message
from shop.messaging.routing import switchboard
from shop.messaging.saga.declaration import Saga

DOOR = "door"


def pages() -> list[Page]:
    """Every flow, the sagas first."""
    return [*(_of_saga(saga) for saga in switchboard().sagas), *(_of_command(flow) for flow in flows())]


def _of_saga(saga: type[Saga]) -> Page:
    own = {*saga.listens_to(), *saga.sends()}
    ends = {edge.after for edge in design().edges if edge.through == saga.subscriber_name()}
    flow = flow_of(saga.started_by)
    steps = tuple(step for step in flow.steps if step.message in own | ends)
    title = f"{saga.name.capitalize()} saga"
    summary = (saga.__doc__ or title).strip().split("\n\n")[0].split(". ")[0].rstrip(".") + "."
    return _page(f"{saga.name}-saga", title, summary, system_of(saga.subscriber_name()), Flow(flow.start, (), steps))


def _of_command(flow: Flow) -> Page:
    summary = f"What {flow.id} sets off, and what may follow from that."
    return _page(flow.id, f"Flow of {flow.id}", summary, home_of(flow.start), flow)


def _page(name: str, title: str, summary: str, home: System, flow: Flow) -> Page:
    known = {step.message for step in flow.steps}
    front: dict[str, Any] = {
        "id": name,
        "name": title,
        "summary": summary,
        "owners": [owner_of(home)],
        "begun-by": home.id,
        "steps": [*_way_in(flow), *(_step(step, known) for step in flow.steps)],
    }
    return Page(f"domains/{home.domain}/flows/{name}", front, f"{summary}\n\n<NodeGraph />")


def _way_in(flow: Flow) -> list[dict[str, Any]]:
    if not flow.doors:
        return []
    doors = ", ".join(flow.doors)
    return [
        {
            "id": DOOR,
            "type": "actor",
            "title": doors,
            "actor": {"name": doors},
            "next_steps": [{"id": flow.start.full_name(), "label": "gives the command"}],
        }
    ]


def _step(step: FlowStep, known: set[type[Message]]) -> dict[str, Any]:
    after = [{"id": message.full_name(), "label": _label(message)} for message in step.next if message in known]
    after += [{"id": message.full_name(), "label": "takes back"} for message in step.undo if message in known]
    told: dict[str, Any] = {
        "id": step.message.full_name(),
        "type": "message",
        "title": step.message.message_name(),
        "message": {"id": step.message.message_name(), "version": step.message.version},
    }
    return told | ({"next_steps": after} if after else {})


def _label(message: type[Message]) -> str:
    return "asks" if message.kind == "command" else "leads to"
