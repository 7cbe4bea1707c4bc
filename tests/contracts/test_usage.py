"""Who still uses which version: told from real deliveries, at the same cost whatever the size of the mailbox."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from config.catalogue.usage import USED, usage
from shop.messaging.models import Delivery, Message
from shop.messaging.sets import fetch_rows, run
from shop.outward.models import WebhookEndpoint, WebhookSending

pytestmark = pytest.mark.django_db

BINDER, SAGA = "fulfilment.inventory.bind_reservation_when_order_created", "ordering.checkout.saga"


def stored(version: str, *subscribers: str, name: str = "OrderCreated") -> None:
    """A message somebody wrote in that version, and to whom it went."""
    message = Message.objects.create(id=uuid7(), kind="event", name=name, version=version, correlation_id=uuid7(), payload={})
    for subscriber in subscribers:
        Delivery.objects.create(message=message, subscriber=subscriber, queue="ordering", status="done")


def told(*options: str) -> list[str]:
    """What the command says, without the times."""
    out = io.StringIO()
    call_command("check_contracts", "--usage", *options, stdout=out)
    return [line.partition(", last")[0] for line in out.getvalue().splitlines()]


def test_the_report_says_who_was_sent_what_and_reads_it_as_what() -> None:
    stored("0.6.0", BINDER)
    stored("1.0.0", BINDER, SAGA)
    stored("1.0.0", BINDER, SAGA)
    stored("2.0.0", SAGA)
    stored("1.0.0", name="CartAbandoned")

    assert told() == [
        "CartAbandoned@1.0.0 -> nobody: 1",
        f"OrderCreated@0.6.0 -> {BINDER}, reads 1.0.0: 1",
        f"OrderCreated@1.0.0 -> {BINDER}: 2",
        f"OrderCreated@1.0.0 -> {SAGA}: 2",
        f"OrderCreated@2.0.0 -> {SAGA}, reads unknown here: 1",
    ]
    assert told("--message", "CartAbandoned") == ["CartAbandoned@1.0.0 -> nobody: 1"]


def test_an_empty_mailbox_is_told() -> None:
    assert told("--days", "7") == ["Nothing was delivered in the last 7 days."]


def test_partners_who_were_sent_it_are_told_too() -> None:
    endpoint = WebhookEndpoint.objects.create(partner="acme", url="https://acme.example/", events=["OrderCreated"])
    for version in ("0.6.0", "1.0.0", "1.0.0"):
        body = json.dumps({"type": "OrderCreated", "version": version})
        WebhookSending.objects.create(endpoint=endpoint, message_id=uuid7(), event="OrderCreated", body=body, status="DELIVERED")

    assert told() == ["OrderCreated@0.6.0 -> webhook of acme: 1", "OrderCreated@1.0.0 -> webhook of acme: 2"]


def test_it_is_two_statements_over_the_newest_of_each_name() -> None:
    for _ in range(5):
        stored("1.0.0", BINDER)
    with CaptureQueriesContext(connection) as statements:
        (use,) = usage(30, ["OrderCreated"], newest=3)

    assert use.count == 3
    assert len(statements) == 2


def test_the_mailbox_is_read_by_its_indexes() -> None:
    """Planned for a full mailbox: in an empty one, one index is as good as another."""
    others = [
        Message(id=uuid7(), kind="event", name=f"Other{n % 50}", version="1.0.0", correlation_id=uuid7(), payload={})
        for n in range(3000)
    ]
    Message.objects.bulk_create(others)
    Delivery.objects.bulk_create(Delivery(message=each, subscriber=BINDER, queue="ordering", status="done") for each in others)
    run("ANALYZE messaging_message, messaging_delivery")
    plan = "\n".join(line for (line,) in fetch_rows(f"EXPLAIN {USED}", {"names": ["OrderCreated"], "days": 30, "newest": 10}))

    assert "message_name" in plan
    assert "one_delivery_per_subscriber" in plan
