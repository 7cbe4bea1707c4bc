"""EventCatalog: domains, systems, services, messages with schemas and versions, flows, entities, data stores, channels, teams."""

from __future__ import annotations

from typing import Any

from config.catalogue.design import design
from config.catalogue.entities import Entity, entities
from config.catalogue.exports import catalog_flows, catalog_messages, catalog_places
from config.catalogue.exports.catalog_page import Page
from config.catalogue.exports.texts import TITLE
from config.catalogue.people import owner_of


def eventcatalog() -> dict[str, str]:
    """The whole catalogue: one folder per resource, its page and its schemas."""
    design()
    files = {"eventcatalog.config.js": _configuration()}
    for page in _pages():
        files |= page.files()
    return dict(sorted(files.items()))


def _pages() -> list[Page]:
    flows = catalog_flows.pages()
    return [
        *catalog_places.pages(flows),
        *catalog_messages.pages(),
        *flows,
        *(_entity(entity) for entity in entities()),
    ]


def _entity(entity: Entity) -> Page:
    front: dict[str, Any] = {
        "id": entity.name,
        "name": entity.name,
        "summary": entity.summary,
        "owners": [owner_of(entity.system)],
        "aggregateRoot": entity.root,
        "identifier": entity.identifier,
        "properties": [_property(item) for item in entity.properties],
    }
    body = f"Kept in the table `{entity.table}` by {entity.system.title.lower()}; nobody else writes it."
    return Page(f"domains/{entity.system.domain}/entities/{entity.name}", front, body)


def _property(item: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"name": item.name, "type": item.type, "required": item.required}
    if item.description:
        told["description"] = item.description
    if item.values:
        told["enum"] = list(item.values)
    if item.references:
        told |= {"references": item.references, "relationType": "belongsTo"}
    return told


def _configuration() -> str:
    return (
        "export default {\n"
        '  cId: "shop-operations",\n'
        f'  title: "{TITLE}",\n'
        '  tagline: "Written from the running code by manage.py export_contracts",\n'
        f'  organizationName: "{TITLE}",\n'
        '  homepageLink: "/",\n'
        "  editUrl: null,\n"
        '  output: "static",\n'
        "  trailingSlash: false,\n"
        '  base: "/",\n'
        "};\n"
    )
