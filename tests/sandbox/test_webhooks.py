"""Signed webhooks to the shop, and everything that can happen to them on the way."""

import json

import pytest
import stripe

from config.sandbox import CARRIER_WEBHOOK_SECRET, STRIPE_WEBHOOK_SECRET, Sandbox, SandboxControl, sign
from tests.sandbox.conftest import Inbox
from tests.sandbox.payments import authorise, captured

HELD = "payment_intent.amount_capturable_updated"
PAID = "payment_intent.succeeded"


def types(inbox: Inbox, number: int) -> list[str]:
    """The types of the first webhooks, in order of arrival."""
    return [json.loads(request.body)["type"] for request in inbox.wait(number)]


def test_the_sdk_accepts_the_signature(sdk, inbox: Inbox) -> None:
    intent = authorise(sdk, metadata={"payment_id": "p1"}, key="k1")

    request = inbox.wait(1)[0]
    event = stripe.Webhook.construct_event(request.body, request.headers["stripe-signature"], STRIPE_WEBHOOK_SECRET)

    assert request.path == "/webhooks/stripe"
    assert (event.type, event.data.object.id, event.data.object.amount_capturable) == (HELD, intent.id, 2500)
    assert event.data.object.metadata["payment_id"] == "p1"
    assert event.request.idempotency_key == "k1"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(request.body, request.headers["stripe-signature"], "another")


def test_sign_makes_what_the_sdk_accepts() -> None:
    body = b'{"object":"event","id":"evt_1","type":"ping"}'
    stripe.WebhookSignature.verify_header(body.decode(), sign(body, "secret", 1700000000), "secret")


def test_every_step_is_told_in_order(sdk, inbox: Inbox) -> None:
    intent = authorise(sdk)
    sdk.v1.payment_intents.capture(intent.id)
    sdk.v1.refunds.create({"payment_intent": intent.id})

    assert types(inbox, 5) == [HELD, PAID, "refund.created", "charge.refunded", "refund.updated"]


def test_cancellation_decline_and_failed_refund_are_told(sdk, inbox: Inbox) -> None:
    sdk.v1.payment_intents.cancel(authorise(sdk).id)
    with pytest.raises(stripe.CardError):
        authorise(sdk, payment_method="pm_card_chargeDeclined")
    sdk.v1.refunds.create({"payment_intent": captured(sdk, payment_method="pm_card_refundFail").id})

    told = types(inbox, 9)
    assert {"payment_intent.canceled", "payment_intent.payment_failed", PAID, "refund.failed"} <= set(told)
    failed = next(json.loads(request.body) for request in inbox.received if b"refund.failed" in request.body)
    assert failed["data"]["object"]["status"] == "failed"


def test_a_replay_tells_nothing_again(sdk, inbox: Inbox, control: SandboxControl) -> None:
    authorise(sdk, key="k1")
    authorise(sdk, key="k1")
    control.settle()

    assert len(inbox.received) == 1


def test_an_unanswered_webhook_is_sent_again(sdk, inbox: Inbox, control: SandboxControl) -> None:
    inbox.statuses = [500, 503]
    authorise(sdk)
    control.settle()

    ids = {json.loads(request.body)["id"] for request in inbox.wait(3)}
    assert len(ids) == 1
    assert [(event["state"], event["attempts"]) for event in control.webhooks("stripe")] == [("delivered", 3)]


def test_duplicates(sdk, inbox: Inbox, control: SandboxControl) -> None:
    control.add_fault("webhook_duplicate", copies=10, match={"type": HELD})
    sdk.v1.payment_intents.capture(authorise(sdk).id)

    control.settle()
    assert types(inbox, 11) == [HELD] * 10 + [PAID]
    assert len({json.loads(request.body)["id"] for request in inbox.received}) == 2


def test_reversed_order(sdk, inbox: Inbox, control: SandboxControl) -> None:
    control.add_fault("webhook_reversed")
    sdk.v1.payment_intents.capture(authorise(sdk).id)

    assert types(inbox, 2) == [PAID, HELD]


def test_a_reversed_event_that_stays_alone_comes_all_the_same(sdk, inbox: Inbox, control: SandboxControl) -> None:
    control.add_fault("webhook_reversed", seconds=0.1)
    authorise(sdk)

    assert types(inbox, 1) == [HELD]


def test_a_late_webhook_comes_after_the_others(sdk, inbox: Inbox, control: SandboxControl) -> None:
    control.add_fault("webhook_delay", seconds=0.5, match={"type": HELD})
    sdk.v1.payment_intents.capture(authorise(sdk).id)

    assert types(inbox, 2) == [PAID, HELD]


def test_a_lost_webhook_is_sent_only_when_asked_for(sdk, inbox: Inbox, control: SandboxControl) -> None:
    control.add_fault("webhook_lost", times=1, match={"metadata": {"order_id": "o1"}})
    authorise(sdk, metadata={"order_id": "o1"})
    authorise(sdk, metadata={"order_id": "o2"})
    control.settle()
    assert len(inbox.received) == 1
    lost = next(event["id"] for event in control.webhooks("stripe") if event["state"] == "lost")

    assert control.resend_webhooks([lost]) == [lost]

    request = inbox.wait(2)[1]
    event = stripe.Webhook.construct_event(request.body, request.headers["stripe-signature"], STRIPE_WEBHOOK_SECRET)
    assert (event.id, event.data.object.metadata["order_id"]) == (lost, "o1")


def test_resending_everything(sdk, inbox: Inbox, control: SandboxControl) -> None:
    sdk.v1.payment_intents.capture(authorise(sdk).id)
    inbox.wait(2)

    assert len(control.resend_webhooks()) == 2
    assert types(inbox, 4) == [HELD, PAID, HELD, PAID]


def test_a_webhook_before_the_answer(sdk, inbox: Inbox, control: SandboxControl) -> None:
    control.add_fault("webhook_before_answer", operation="create")

    intent = authorise(sdk)

    assert [json.loads(request.body)["data"]["object"]["id"] for request in inbox.received] == [intent.id]


def test_a_webhook_before_an_answer_that_never_comes(sdk, inbox: Inbox, control: SandboxControl) -> None:
    control.add_fault("webhook_before_answer")
    control.add_fault("execute_then_timeout", seconds=0, times=1)

    with pytest.raises(stripe.APIConnectionError):
        authorise(sdk, key="k1")

    told = json.loads(inbox.received[0].body)["data"]["object"]["id"]
    assert authorise(sdk, key="k1").id == told


def test_webhooks_can_be_aimed_elsewhere(sandbox: Sandbox, sdk, shop, inbox: Inbox, control: SandboxControl) -> None:
    control.aim_webhooks(None)
    authorise(sdk)
    control.settle()
    assert inbox.received == []
    assert [event["state"] for event in control.webhooks("stripe")] == ["unsent"]

    control.aim_webhooks(shop.url)
    control.settle()

    assert types(inbox, 1) == [HELD]


def test_aiming_anew_does_not_double_what_is_on_its_way(sdk, shop, inbox: Inbox, control: SandboxControl) -> None:
    control.add_fault("webhook_delay", seconds=0.3)
    authorise(sdk)

    control.aim_webhooks(shop.url)
    control.settle()

    assert len(inbox.received) == 1


def test_carrier_webhooks_are_signed_with_their_own_secret(carrier, inbox: Inbox, control: SandboxControl) -> None:
    shipment = carrier.post(
        "/v1/shipments",
        json={
            "orderId": "o1",
            "service": "EXPRESS",
            "destination": {"line1": "1 High St", "city": "Leeds", "postcode": "LS1 1AA", "country": "GB"},
        },
    ).json()
    control.advance_shipment(shipment["shipmentId"], "delivered", signed_by="A. Neighbour")

    request = inbox.wait(1)[0]
    header = request.headers["carrier-signature"]
    timestamp = int(header.partition(",")[0].removeprefix("t="))
    assert header == sign(request.body, CARRIER_WEBHOOK_SECRET, timestamp)
    assert request.path == "/webhooks/carrier"
    event = json.loads(request.body)
    assert event["type"] == "shipment.delivered"
    assert event["data"]["signedBy"] == "A. Neighbour"
    assert event["data"]["orderId"] == "o1"
