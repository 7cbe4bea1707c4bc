"""Old orders go to the archive, whole and proven, and can be read again; a legal hold keeps them here."""

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.db.models import F
from django.test import override_settings

from ordering.orders.invariants import order_violations
from ordering.orders.models import Order, OrderArchive, OrderLine
from shop.contracts.ordering import CancelOrder, GetOrder, OrderArchived
from shop.contracts.ordering.archiving import ArchiveOrders, GetArchivedOrder, SetLegalHold
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Missing, Unavailable
from shop.messaging.models import Delivery
from tests.journeys.shop import deliver
from tests.ordering.factories import create_order
from tests.ordering.test_holds import an_order
from tests.ordering.world import said

pytestmark = pytest.mark.django_db(transaction=True)
YEARS = 2_557


@pytest.fixture(autouse=True)
def _a_place_of_its_own(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        yield


def finished(days: int) -> UUID:
    order_id = an_order()
    execute(CancelOrder(order_id=order_id, reason="CUSTOMER_REQUESTED"))
    run_back(order_id, days)
    return order_id


def run_back(order_id: UUID, days: int) -> None:
    Order.objects.filter(pk=order_id).update(ended_at=F("ended_at") - timedelta(days=days))


def test_what_is_old_enough_is_archived_and_can_be_read_again() -> None:
    old, young = finished(YEARS + 1), finished(YEARS - 1)
    execute(ArchiveOrders())
    deliver()
    entry = OrderArchive.objects.get()
    (fact,) = said(OrderArchived)
    assert (fact.order_id, fact.terminal_status, fact.retention_category) == (old, "CANCELLED", "FINANCIAL_RECORD")
    with default_storage.open(entry.reference, "rb") as file:
        assert sha256(file.read()).hexdigest() == entry.checksum == fact.record_checksum
    kept = json.loads(ask(GetArchivedOrder(order_id=old)).record)
    assert [line["sku"] for line in kept["lines"]] == ["CUP", "POT"]
    assert kept["order"]["delivery_address"]["city"] == "Berlin"
    assert not OrderLine.objects.filter(order_id=old).exists()
    assert Order.objects.get(pk=old).delivery_address is None
    assert (ask(GetOrder(order_id=old)).status, ask(GetOrder(order_id=old)).lifecycle_status) == ("CANCELLED", "ARCHIVED")
    assert ask(GetOrder(order_id=young)).lifecycle_status == "CANCELLED"
    with pytest.raises(Missing):
        ask(GetArchivedOrder(order_id=young))
    assert [*order_violations()] == []


def test_a_legal_hold_keeps_it_here() -> None:
    order_id = finished(YEARS + 1)
    execute(SetLegalHold(order_id=order_id, keep=True))
    execute(ArchiveOrders())
    deliver()
    assert not OrderArchive.objects.exists()
    execute(SetLegalHold(order_id=order_id, keep=False))
    execute(ArchiveOrders())
    deliver()
    assert OrderArchive.objects.exists()


def test_a_storage_that_does_not_keep_what_it_is_given_removes_nothing() -> None:
    order_id = finished(YEARS + 1)
    with override_settings(MEDIA_ROOT="/proc/nowhere"):
        execute(ArchiveOrders())
        deliver()
    assert OrderLine.objects.filter(order_id=order_id).count() == 2
    Delivery.objects.filter(status="open").update(due_at="2020-01-01T00:00:00Z")
    deliver()
    assert Order.objects.get().lifecycle_status == "ARCHIVED"


def test_half_a_file_is_written_anew_and_a_changed_one_is_not_believed() -> None:
    order_id = finished(YEARS + 1)
    execute(ArchiveOrders())
    deliver()
    entry = OrderArchive.objects.get(pk=order_id)
    Path(default_storage.path(entry.reference)).write_text("{}")
    with pytest.raises(Unavailable):
        ask(GetArchivedOrder(order_id=order_id))


def test_an_order_that_is_open_is_never_archived() -> None:
    execute(create_order())
    execute(ArchiveOrders())
    deliver()
    assert not OrderArchive.objects.exists()
