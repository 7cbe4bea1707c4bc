"""Putting finished orders away after their retention, and reading them again."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Command, Http, Part, Query
from shop.contracts.fields import Limit, Name, Personal, Text, Uuid
from shop.contracts.ordering.orders import OrderView

OWNER = "ordering-platform"


class ArchiveOrders(Command):
    """Have finished orders archived whose retention is over, at most ``limit`` of them."""

    owner = OWNER

    limit: Limit = 200


class ArchiveOrder(Command):
    """Write one finished order to the archive, read it back, and remove its details here. One under legal hold stays."""

    owner = OWNER
    key = "order_id"

    order_id: Uuid


class SetLegalHold(Command):
    """Keep an order as it is whatever its retention says, or no longer."""

    owner = OWNER
    key = "order_id"
    response = OrderView

    order_id: Uuid
    keep: bool


class ArchivedOrder(Part):
    """An archived order as it was: ``record`` is its JSON text, and ``recordChecksum`` the SHA-256 of exactly that text."""

    order_id: Uuid
    terminal_status: Literal["COMPLETED", "CANCELLED"]
    archive_reference: Name
    record_checksum: Annotated[str, Field(pattern=r"^[a-f0-9]{64}$")]
    record: Annotated[Text, Personal]


class GetArchivedOrder(Query):
    """An archived order, read from its archive and checked. 404 for one that is not archived, 503 while it cannot be read."""

    owner = OWNER
    http = Http("GET", "/orders/{orderId}/archive", (200, 404))
    response = ArchivedOrder

    order_id: Uuid
