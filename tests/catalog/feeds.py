"""Feeds for tests, imported the way everybody imports them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from uuid import UUID

from catalog.uploads.keeping import keep
from shop.contracts.feeds import ApplyProductImport, GetProductImport, GetProductImportRows, ImportRowView, ImportView
from shop.contracts.feeds import StartProductImport as Start
from shop.messaging.bus import ask, execute
from shop.messaging.doorbell import listening
from shop.messaging.routing import Route, switchboard
from tests.mail import deliver as deliver_one

HEADER = "sku,name,price,currency,category,status"
STAGE, APPLY = "catalog.feeds.stage_product_import", "catalog.feeds.apply_product_import_chunk"


def route(name: str) -> Route:
    """One subscriber of the real switchboard."""
    found = switchboard().route_named(name)
    assert found is not None
    return found


def deliver(*names: str, most: int = 1_000) -> int:
    """Deliver the mail of these subscribers, and what comes of it to them, at most so many batches; how many it took."""
    done = 0
    with listening():
        while done < most and any(deliver_one(route(name)) for name in names):
            done += 1
    return done


def uploaded(content: bytes | str, name: str = "feed.csv") -> UUID:
    """Store a file."""
    raw = content if isinstance(content, bytes) else content.encode()
    return keep(io.BytesIO(raw).read, name).upload_id


def csv_of(lines: Sequence[str], header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


def previewed(lines: Sequence[str], header: str = HEADER) -> ImportView:
    """A feed of these lines, read and compared."""
    view: ImportView = execute(Start(upload_id=uploaded(csv_of(lines, header))))
    deliver(STAGE)
    return seen(view.import_id)


def imported(lines: Sequence[str], header: str = HEADER) -> ImportView:
    """A feed of these lines, applied."""
    view = previewed(lines, header)
    execute(ApplyProductImport(import_id=view.import_id))
    deliver(APPLY)
    return seen(view.import_id)


def seen(import_id: UUID) -> ImportView:
    view: ImportView = ask(GetProductImport(import_id=import_id))
    return view


def rows(view: ImportView, kind: str | None = None) -> list[ImportRowView]:
    found: list[ImportRowView] = ask(GetProductImportRows(import_id=view.import_id, of_kind=kind)).rows
    return found


def counts(view: ImportView) -> dict[str, int]:
    """What is not zero."""
    names = ("new", "changed", "unchanged", "rejected", "applied", "skipped")
    return {name: getattr(view, name) for name in names if getattr(view, name)}
