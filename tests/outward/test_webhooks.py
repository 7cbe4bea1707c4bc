"""Webhooks to a real partner: signed, tried again, given up, sent once more, switched off."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shop.contracts.customers import CustomerRegistered
from shop.contracts.outward import (
    DisableWebhookEndpoint,
    EnableWebhookEndpoint,
    ListWebhookSendings,
    PruneOutward,
    RedeliverWebhook,
    RotateWebhookSecret,
    SendTestWebhook,
    UpdateWebhookEndpoint,
    WebhookSendingPage,
)
from shop.messaging.bus import ask, execute, publish, unit_of_work
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Delivery, Message
from shop.messaging.routing import switchboard
from shop.outward.invariants import check
from shop.outward.models import WebhookAttempt, WebhookEndpoint, WebhookSending
from shop.outward.sending import WAITS
from tests.contracts.payloads import example
from tests.outward.receiver import Partner
from tests.outward.tools import happen, listen, time_passes, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("outsiders")]


def test_an_event_is_told_to_who_asked_for_it_signed_and_once(listener: Partner) -> None:
    mine, others = listen(listener), listen(listener, "OrderConfirmed", path="/others")
    cart = uuid4()
    (event,) = happen(cart=cart)
    work()

    (got,) = listener.got
    assert got.path == "/hooks"
    assert got.headers["webhook-id"] == str(event) == got.json["id"]
    assert got.json["type"] == "CartAbandoned"
    assert got.json["version"] == "1.0.0"
    assert got.json["key"] == got.json["data"]["cartId"] == str(cart)
    assert got.json["sequence"] == 1
    assert got.signed_with(mine.secret)
    assert not got.signed_with(others.secret)
    assert abs(int(got.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 300
    assert WebhookSending.objects.get().status == "DELIVERED"
    assert Delivery.objects.exclude(status="done").count() == 0
    assert list(check()) == []


def test_a_body_that_was_changed_on_its_way_is_not_signed(listener: Partner) -> None:
    made = listen(listener)
    happen()
    work()

    (got,) = listener.got
    assert not type(got)(got.path, got.headers, got.body + b" ").signed_with(made.secret)


def test_a_failed_try_is_made_again_later_under_the_same_id(listener: Partner) -> None:
    listen(listener)
    listener.answers = [500, 503, 204]
    happen()
    work()
    waiting = WebhookSending.objects.get()
    assert (waiting.status, waiting.attempts, waiting.last_status) == ("PENDING", 1, 500)
    assert waiting.last_error == "Answered 500: as I was told"
    assert waiting.next_at is not None
    assert timedelta(seconds=0.5 * WAITS[0]) < waiting.next_at - waiting.created_at < timedelta(seconds=2 * WAITS[0])
    work()
    assert len(listener.got) == 1

    for _ in range(2):
        time_passes()
        work()

    delivered = WebhookSending.objects.get()
    assert (delivered.status, delivered.attempts, delivered.last_error, delivered.next_at) == ("DELIVERED", 3, "", None)
    assert len({got.headers["webhook-id"] for got in listener.got}) == 1
    assert list(WebhookAttempt.objects.order_by("id").values_list("attempt", "status_code")) == [(1, 500), (2, 503), (3, 204)]
    assert WebhookEndpoint.objects.get().failures == 0


@override_settings(WEBHOOK_DISABLE_AFTER=100)
def test_after_the_last_try_it_has_failed_and_can_be_sent_once_more(listener: Partner) -> None:
    listen(listener)
    listener.answers = [500]
    happen()
    for _ in range(len(WAITS) + 3):
        work()
        time_passes()
    failed = WebhookSending.objects.get()
    assert (failed.status, failed.attempts) == ("FAILED", len(WAITS) + 1)
    assert len(listener.got) == len(WAITS) + 1

    listener.answers = [200]
    assert execute(RedeliverWebhook(sending_id=failed.id)).status == "PENDING"
    with pytest.raises(Refused, match="waits"):
        execute(RedeliverWebhook(sending_id=failed.id))
    work()

    assert WebhookSending.objects.get().status == "DELIVERED"
    assert listener.got[-1].headers["webhook-id"] == str(failed.message_id)


@override_settings(WEBHOOK_DISABLE_AFTER=3)
def test_an_endpoint_that_fails_too_often_in_a_row_is_disabled_with_the_reason(listener: Partner) -> None:
    made = listen(listener)
    listener.answers = [500, 200, 500]
    happen(2)
    work()
    assert WebhookEndpoint.objects.get().status == "ACTIVE"

    happen(3)
    work()

    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.status == "DISABLED"
    assert re.match(r"\d tries in a row failed\. The last one: Answered 500", endpoint.disabled_reason)
    assert Message.objects.get(name="WebhookEndpointDisabled").payload["reason"] == endpoint.disabled_reason
    sent = len(listener.got)
    time_passes()
    work()
    happen()
    work()
    assert len(listener.got) == sent
    assert set(WebhookSending.objects.exclude(status="DELIVERED").values_list("status", "last_error")) == {
        ("FAILED", "The endpoint is disabled.")
    }
    with pytest.raises(Refused, match="disabled"):
        execute(RedeliverWebhook(sending_id=WebhookSending.objects.filter(status="FAILED").first().id))

    listener.answers = [200]
    assert execute(EnableWebhookEndpoint(endpoint_id=made.endpoint_id)).status == "ACTIVE"
    happen()
    work()
    assert len(listener.got) == sent + 1


def test_a_partner_who_wants_nothing_more_is_believed_at_once(listener: Partner) -> None:
    listen(listener)
    listener.answers = [410]
    happen()
    work()

    assert WebhookEndpoint.objects.get().disabled_reason == "It answered 410: it wants nothing more."
    assert WebhookSending.objects.get().status == "FAILED"


def test_a_redirect_is_not_followed(listener: Partner) -> None:
    listen(listener)
    listener.answers, listener.headers = [302], {"Location": listener.url("/elsewhere")}
    happen()
    work()

    assert [got.path for got in listener.got] == ["/hooks"]
    assert WebhookSending.objects.get().last_error == "Answered 302: redirects are not followed."


def test_a_test_says_what_came_back_and_counts_for_nothing(listener: Partner) -> None:
    made = listen(listener)
    listener.answers = [500, 200]

    bad = execute(SendTestWebhook(endpoint_id=made.endpoint_id))
    good = execute(SendTestWebhook(endpoint_id=made.endpoint_id))

    assert (bad.status, bad.last_status_code, bad.last_error) == ("FAILED", 500, "Answered 500: as I was told")
    assert (good.status, good.attempts) == ("DELIVERED", 1)
    assert listener.got[-1].json["type"] == "webhook.test"
    assert listener.got[-1].signed_with(made.secret)
    assert WebhookEndpoint.objects.get().failures == 0
    with pytest.raises(Refused, match="test"):
        execute(RedeliverWebhook(sending_id=bad.sending_id))
    with pytest.raises(Missing):
        execute(SendTestWebhook(endpoint_id=uuid4()))


def test_for_a_day_both_secrets_sign(listener: Partner) -> None:
    old = listen(listener)
    new = execute(RotateWebhookSecret(endpoint_id=old.endpoint_id))
    assert new.secret != old.secret
    happen()
    work()
    WebhookEndpoint.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    happen()
    work()

    first, second = listener.got
    assert first.signed_with(old.secret)
    assert first.signed_with(new.secret)
    assert second.signed_with(new.secret)
    assert not second.signed_with(old.secret)


def test_no_table_holds_a_secret(listener: Partner) -> None:
    made = listen(listener)
    happen()
    work()

    with connection.cursor() as cursor:
        for table in ("outward_webhookendpoint", "outward_webhooksending", "messaging_message"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE strpos(to_jsonb(t)::text, %s) > 0", [made.secret[6:]])
            assert cursor.fetchone() == (0,)


def test_what_says_who_somebody_is_is_never_sent(listener: Partner) -> None:
    listen(listener, "CustomerRegistered")
    canaries = {"email": "canary.mail@example.com", "name": "Canaria Surname"}
    fact = example(CustomerRegistered.json_schema())
    with unit_of_work():
        publish(CustomerRegistered.read_data({**fact, "customer": {**fact["customer"], **canaries}}))
    work()

    (got,) = listener.got
    assert got.json["data"]["customer"]["customerId"] == fact["customer"]["customerId"]
    assert not any(canary in got.body.decode() for canary in canaries.values())
    assert not any(canary in json.dumps(WebhookSending.objects.get().body) for canary in canaries.values())


def test_a_replayed_event_is_not_told_twice(listener: Partner) -> None:
    listen(listener)
    happen()
    work()
    Delivery.objects.filter(subscriber__contains="collect").update(status="open", done_at=None)
    work()

    assert len(listener.got) == 1


def test_collecting_fifty_costs_the_statements_of_five(listener: Partner) -> None:
    listen(listener)
    (collector,) = [entry for entry in switchboard().all_routes() if "collect_webhooks" in entry.name]
    costs = []
    for count in (5, 50):
        happen(count)
        with CaptureQueriesContext(connection) as statements:
            deliver_batch(collector)
        costs.append(len(statements))

    assert costs[0] == costs[1]
    assert WebhookSending.objects.count() == 55


def test_sending_thirty_costs_the_statements_of_three(listener: Partner) -> None:
    listen(listener)
    (collector,) = [entry for entry in switchboard().all_routes() if "collect_webhooks" in entry.name]
    costs = []
    for count in (3, 30):
        happen(count)
        deliver_batch(collector)
        with CaptureQueriesContext(connection) as statements:
            work()
        costs.append(len([one for one in statements if "outward_" in one["sql"] and "streamentry" not in one["sql"]]))

    assert len(listener.got) == 33
    assert costs[1] <= costs[0] + 12  # answers come in groups, each of them recorded in one transaction


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"events": ["NoSuchThing"]}, "no event called NoSuchThing"),
        ({"url": "http://10.0.0.1/x"}, "not on the public internet"),
        ({"url": "https://user:word@example.com/"}, "no user, password or fragment"),
        ({"url": "https://[::1]/x"}, "not on the public internet"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "not on the public internet"),
        ({"url": "https://example.com:99999/"}, "not an address"),
    ],
)
def test_what_cannot_be_told_or_reached_is_refused(listener: Partner, given: dict, told: str) -> None:
    made = listen(listener)

    with pytest.raises(Invalid, match=told):
        execute(UpdateWebhookEndpoint(endpoint_id=made.endpoint_id, **given))


@override_settings(PARTNER_WEBHOOKS=False)
def test_where_webhooks_are_off_nobody_can_listen(listener: Partner) -> None:
    with pytest.raises(Refused, match="PARTNER_WEBHOOKS"):
        listen(listener)


def test_the_log_has_pages(listener: Partner) -> None:
    made = listen(listener)
    happen(5)
    work()
    page: WebhookSendingPage = ask(ListWebhookSendings(endpoint_id=made.endpoint_id, page_size=3))
    rest: WebhookSendingPage = ask(ListWebhookSendings(endpoint_id=made.endpoint_id, page_size=3, before=page.next))

    assert [len(page.items), len(rest.items), rest.next] == [3, 2, None]
    ids = [item.sending_id for item in (*page.items, *rest.items)]
    assert ids == sorted(ids, reverse=True)
    assert ask(ListWebhookSendings(endpoint_id=made.endpoint_id, status="FAILED")).items == []
    with pytest.raises(Missing):
        ask(ListWebhookSendings(endpoint_id=uuid4()))


def test_what_is_old_is_removed_and_what_waits_stays(listener: Partner) -> None:
    made = listen(listener)
    listener.answers = [200, 500]
    happen()
    work()
    happen()
    work()
    with override_settings(WEBHOOK_LOG_DAYS=0, EVENT_STREAM_DAYS=0):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE outward_streamentry SET occurred_at = now() - interval '1 hour'")
        execute(PruneOutward())

    assert list(WebhookSending.objects.values_list("status", flat=True)) == ["PENDING"]
    execute(DisableWebhookEndpoint(endpoint_id=made.endpoint_id, reason="moving"))


def test_a_webhook_that_nobody_tries_is_a_violation(listener: Partner) -> None:
    listen(listener)
    happen()
    listener.answers = [500]
    work()
    WebhookSending.objects.update(next_at=timezone.now() - timedelta(hours=1))

    (found,) = check()
    assert found.rule == "a webhook is tried when it is due"
