"""Rows written back in one statement: whatever stands in their fields, and nothing but those fields."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from fulfilment.shipping.models import Shipment
from fulfilment.shipping.states import Resolution
from shop.messaging.sets import write_fields

pytestmark = pytest.mark.django_db

ODD = ["", "NULL", "null", "{}", '"', "\\", '\\"', "a,b", "{a,b}", "line\nbreak", "tab\t", "ü 🫖", "'; --", " "]


def shipment(**given: Any) -> Shipment:
    common = {"order_id": uuid7(), "picking_job_id": uuid7(), "customer_id": uuid7(), "confirmation_number": "ORD-1"}
    return Shipment.objects.create(id=uuid7(), delivery_method="HOME", parcel_count=1, **{**common, **given})


def test_every_kind_of_value_arrives() -> None:
    row = shipment()
    row.destination = {"line1": 'O\'Hara "x" \\ {1}', "more": [1, None, True]}
    row.asked_since, row.estimated_delivery = datetime(2026, 3, 29, 1, 30, 0, 123_456, UTC), date(2026, 3, 30)
    row.address_came_late, row.asked, row.successor_id = True, 7, UUID(int=5)
    row.tracking_number, row.ask_again_at = Resolution.REDELIVERED, None
    names = [
        "destination", "asked_since", "estimated_delivery", "address_came_late", "asked", "successor_id", "ask_again_at",
        "tracking_number",
    ]  # fmt: skip
    write_fields([row], names)
    kept = Shipment.objects.get(pk=row.pk)
    assert {name: getattr(kept, name) for name in names} == {name: getattr(row, name) for name in names}


def test_odd_texts_arrive_as_they_are_and_other_fields_stay() -> None:
    rows = [shipment(service="STANDARD") for _ in ODD]
    for row, text in zip(rows, ODD, strict=True):
        row.last_error, row.tracking_number, row.service = text, text, "lost"
    with CaptureQueriesContext(connection) as asked:
        write_fields(rows, ["last_error", "tracking_number"])
    assert len(asked) == 1
    kept = {row.pk: (row.last_error, row.tracking_number, row.service) for row in Shipment.objects.all()}
    assert kept == {row.pk: (text, text, "STANDARD") for row, text in zip(rows, ODD, strict=True)}


def test_nothing_is_nothing() -> None:
    write_fields([], ["last_error"])


def test_a_text_that_is_too_long_is_refused_and_not_cut() -> None:
    row = shipment()
    row.tracking_number = "x" * 201
    with pytest.raises(DataError), transaction.atomic():
        write_fields([row], ["tracking_number"])
    assert Shipment.objects.get(pk=row.pk).tracking_number == ""


def test_nothing_is_written_as_nothing_and_not_as_the_word() -> None:
    row = shipment(destination={"line1": "x"})
    row.destination = None
    write_fields([row], ["destination"])
    assert Shipment.objects.filter(pk=row.pk, destination__isnull=True).exists()
