"""Webhooks: forged ones leave no trace; the rest has one effect, however often, late, early or out of order it comes."""

import json
import time
from itertools import permutations
from typing import Any

import pytest
import stripe
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from uuid_utils.compat import uuid7

from payments.gateways import stripe as gateway
from payments.gateways.connection import API_VERSION
from payments.inbox import secrets
from payments.invariants import check
from payments.models import PaymentAuthorization, WebhookEvent
from payments.states import PaymentStatus, WebhookStatus
from shop.messaging.models import Message
from tests.payments.post import event_about, post, signed
from tests.payments.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)

HELD = "payment_intent.amount_capturable_updated"
CAPTURED = "payment_intent.succeeded"
CANCELED = "payment_intent.canceled"
DECLINED = "payment_intent.payment_failed"


def unknown_payment(shop: Shop):
    """A payment whose hold was made, and whose answer never came."""
    shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation="create", times=1)
    payment = shop.authorize()
    assert payment.status == PaymentStatus.UNKNOWN
    return payment, shop.intents(payment.id)[0]


def test_a_webhook_settles_what_the_answer_did_not(shop: Shop) -> None:
    payment, intent = unknown_payment(shop)
    assert post(event_about(intent, HELD)).status_code == 200
    shop.work()
    assert shop.payment(payment.id).status == PaymentStatus.AUTHORIZED
    shop.work_to_the_end()
    assert shop.held() == 2500
    row = WebhookEvent.objects.get()
    assert row.status == WebhookStatus.APPLIED
    assert "UNKNOWN" in row.did
    assert "AUTHORIZED" in row.did


def test_an_answer_slower_than_a_webhook_and_the_capture_after_it_changes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment, intent = unknown_payment(shop)
    ask = gateway.hold

    def late(**asked: Any) -> Any:
        """The second answer; before it is here, a webhook has authorised, and a capture is under way whose end nobody knows."""
        answer = ask(**asked)
        try:
            post(event_about(intent, HELD))
            shop.work()
            shop.sandbox.add_fault("drop", service="stripe", operation="capture", times=1)
            under_way = shop.capture(payment)
            assert (under_way.status, under_way.ask_again_at is None) == (PaymentStatus.AUTHORIZED, False)
        finally:
            connections.close_all()
        return answer

    monkeypatch.setattr(gateway, "hold", late)
    shop.work_to_the_end()
    after = shop.payment(payment.id)
    assert (after.status, after.captured_amount, after.void_requested) == (PaymentStatus.SUCCEEDED, 2500, False)
    assert not Message.objects.filter(name="VoidAuthorization").exists()


def test_a_second_hold_does_not_take_the_first_along(shop: Shop) -> None:
    payment = shop.authorize()
    (intent,) = shop.intents(payment.id)
    post(event_about(intent | {"id": "pi_another"}, HELD))
    shop.work_to_the_end()
    assert shop.payment(payment.id).status == PaymentStatus.AUTHORIZED
    assert "a payment has at most one live hold" in {found.rule for found in check()}
    assert shop.capture(payment).status == PaymentStatus.SUCCEEDED
    assert not Message.objects.filter(name="VoidAuthorization").exists()


def test_ten_times_the_same_webhook_has_one_effect(shop: Shop) -> None:
    payment, intent = unknown_payment(shop)
    event = event_about(intent, HELD)
    answers = [post(event).json()["duplicate"] for _ in range(10)]
    shop.work_to_the_end()
    assert answers == [False] + [True] * 9
    assert WebhookEvent.objects.count() == 1
    assert shop.facts(payment.id)["PaymentAuthorized"] == 1


@pytest.mark.parametrize("order", list(permutations([HELD, CAPTURED, "held again"])))
def test_any_order_ends_captured_once(shop: Shop, order: tuple[str, ...]) -> None:
    payment = shop.authorize()
    held = shop.intents(payment.id)[0]
    shop.capture(payment)
    captured = shop.intents(payment.id)[0]
    for word in order:
        post(event_about(captured, CAPTURED) if word == CAPTURED else event_about(held, HELD))
        shop.work()
    after = shop.payment(payment.id)
    assert (after.status, after.captured_amount) == (PaymentStatus.SUCCEEDED, 2500)
    assert PaymentAuthorization.objects.get().status == "CAPTURED"
    assert shop.facts(payment.id)["PaymentSucceeded"] == 1


def test_a_capture_whose_answer_was_lost_is_known_from_the_webhook(shop: Shop) -> None:
    payment = shop.authorize()
    shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation="capture", times=1)
    shop.capture(payment)
    post(event_about(shop.intents(payment.id)[0], CAPTURED))
    shop.work()
    assert shop.payment(payment.id).status == PaymentStatus.SUCCEEDED
    shop.work_to_the_end()
    assert shop.facts(payment.id)["PaymentSucceeded"] == 1
    assert shop.sandbox.ledger("stripe")["totals"]["eur"]["captured"] == 2500


def test_a_hold_that_runs_out_at_the_provider_voids_the_payment(shop: Shop) -> None:
    payment = shop.authorize()
    gone = shop.intents(payment.id)[0] | {"status": "canceled", "amount_capturable": 0}
    post(event_about(gone, CANCELED))
    shop.work()
    assert shop.payment(payment.id).status == PaymentStatus.VOIDED
    assert shop.facts(payment.id)["AuthorizationVoided"] == 1


def test_an_event_created_three_days_ago_but_delivered_now_counts(shop: Shop) -> None:
    payment, intent = unknown_payment(shop)
    assert post(event_about(intent, HELD, created=int(time.time()) - 3 * 86_400)).status_code == 200
    shop.work()
    assert shop.payment(payment.id).status == PaymentStatus.AUTHORIZED


def test_a_late_webhook_does_not_wake_what_has_come_to_rest(shop: Shop) -> None:
    payment = shop.authorize()
    held = shop.intents(payment.id)[0]
    shop.void(payment.id)
    post(event_about(held, HELD))
    shop.work()
    assert shop.payment(payment.id).status == PaymentStatus.VOIDED
    assert PaymentAuthorization.objects.get().status == "RELEASED"


def test_a_hold_that_only_the_webhook_tells_of_is_released_when_nobody_wants_it(shop: Shop) -> None:
    command = shop.command()
    assert command.payment_id
    shop.sandbox.add_fault("execute_then_timeout", service="stripe", operation="create", times=1)
    shop.tell(command)
    intent = shop.intents(command.payment_id)[0]
    shop.sandbox.add_fault("down", service="stripe", operation="search")
    shop.void(command.payment_id, command.order_id)
    assert shop.payment(command.payment_id).status == PaymentStatus.UNKNOWN
    post(event_about(intent, HELD))
    shop.work()
    assert shop.payment(command.payment_id).status == PaymentStatus.VOIDED
    assert shop.held() == 0


def test_a_webhook_before_our_own_commit_waits_for_the_verdict(shop: Shop) -> None:
    """The hold alone does not authorise: fraud has not spoken yet. The answer then finds it already on record."""
    with shop.webhooks_to(post_through=post):
        shop.sandbox.add_fault("webhook_before_answer", service="stripe")
        payment = shop.authorize()
    assert payment.status == PaymentStatus.AUTHORIZED
    assert WebhookEvent.objects.filter(status="APPLIED").count() == 1
    assert shop.facts(payment.id)["PaymentAuthorized"] == 1
    assert PaymentAuthorization.objects.count() == 1


def test_a_webhook_of_a_stranger_is_retried_and_then_parked_with_its_reason(shop: Shop) -> None:
    _, intent = unknown_payment(shop)
    stranger = intent | {"id": "pi_stranger", "metadata": {"payment_id": str(uuid7())}}
    assert post(event_about(stranger, HELD)).status_code == 200
    shop.work()
    assert WebhookEvent.objects.get().status == WebhookStatus.RECEIVED
    shop.work_to_the_end()
    row = WebhookEvent.objects.get()
    assert (row.status, row.attempts) == (WebhookStatus.PARKED, 5)
    assert "no payment of ours" in row.did
    assert not PaymentAuthorization.objects.filter(provider_intent_id="pi_stranger").exists()


@pytest.mark.parametrize(
    "signature",
    ["", "t=1,v1=abc", "nonsense", "v1=only", "t=abc,v1=abc", "t=NOW", "t=1" * 5000],
)
def test_a_forged_signature_is_refused_and_leaves_no_row(shop: Shop, signature: str) -> None:
    # Made here, not in the list: workers that collect in different seconds would not agree on its tests.
    answer = post(event_about({"id": "pi_1"}, HELD), signature=signature.replace("NOW", str(int(time.time()))))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
    assert WebhookEvent.objects.count() == 0


@pytest.mark.parametrize("seconds", [-301, 310])
def test_a_stamp_outside_the_tolerance_is_refused_in_either_direction(shop: Shop, seconds: int) -> None:
    body = json.dumps(event_about({"id": "pi_1"}, HELD)).encode()
    assert post(body, signature=signed(body, at=time.time() + seconds)).status_code == 400
    assert WebhookEvent.objects.count() == 0


def test_a_changed_body_or_another_secret_is_refused(shop: Shop) -> None:
    body = json.dumps(event_about({"id": "pi_1"}, HELD)).encode()
    assert post(body + b" ", signature=signed(body)).status_code == 400
    assert post(body, signature=signed(body, secret="whsec_other")).status_code == 400
    assert WebhookEvent.objects.count() == 0


def test_both_secrets_count_during_a_rotation(shop: Shop, settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = "whsec_new, whsec_old"
    for secret in ("whsec_new", "whsec_old"):
        body = json.dumps(event_about({"id": "pi_1"}, "invoice.paid")).encode()
        assert post(body, signature=signed(body, secret=secret)).status_code == 200


@pytest.mark.parametrize("secret", ["", "  ", ","])
def test_an_empty_secret_is_no_secret(settings, secret: str) -> None:
    settings.STRIPE_WEBHOOK_SECRET = secret
    with pytest.raises(ImproperlyConfigured):
        secrets()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"[1]",
        b'"text"',
        b"null",
        b"[" * 100_000,
        b"\x00",
        b'{"id": "evt_1"}',
        b'{"id": "evt\\u0000", "type": "x", "data": {}}',
        b'{"id": 5, "type": "x", "data": {}}',
        b'{"id": "\\ud800", "type": "x", "data": {}}',
        b'{"id": "evt_1", "type": "' + b"x" * 200 + b'", "data": {}}',
        b'{"id": "evt_1", "type": "x", "data": []}',
    ],
    ids=lambda body: body[:30].decode(errors="replace"),
)
def test_a_signed_body_that_is_no_event_is_refused(shop: Shop, body: bytes) -> None:
    answer = post(body, signature=signed(body))
    assert answer.status_code == 400
    assert set(answer.json()) >= {"code", "message"}
    assert WebhookEvent.objects.count() == 0


def test_bad_utf8_is_refused(shop: Shop) -> None:
    assert post(b'{"id": "\xff"}', signature="t=1,v1=00").status_code == 400
    assert WebhookEvent.objects.count() == 0


@pytest.mark.parametrize(
    "thing",
    [
        None,
        [],
        "pi",
        {},
        {"id": "pi_1"},
        {"id": "pi_1", "amount": "5", "currency": "eur", "status": "succeeded"},
        {"id": "pi_1/../refunds", "amount": 5, "currency": "eur", "status": "succeeded"},
    ],
)
def test_an_event_with_an_unreadable_object_is_parked(shop: Shop, thing: object) -> None:
    assert post(event_about(thing, HELD, api_version="2019-01-01")).status_code == 200
    shop.work()
    row = WebhookEvent.objects.get()
    assert row.status == WebhookStatus.PARKED
    assert "2019-01-01" in row.did


def test_another_version_that_can_be_read_is_applied_and_noted(shop: Shop) -> None:
    payment, intent = unknown_payment(shop)
    post(event_about(intent, HELD, api_version="2024-06-20"))
    shop.work()
    assert shop.payment(payment.id).status == PaymentStatus.AUTHORIZED
    assert "2024-06-20" in WebhookEvent.objects.get().did


def test_the_other_mode_has_no_effect(shop: Shop) -> None:
    payment, intent = unknown_payment(shop)
    post(event_about(intent, HELD, livemode=True))
    shop.work()
    assert shop.payment(payment.id).status == PaymentStatus.UNKNOWN
    assert "livemode" in WebhookEvent.objects.get().did


def test_what_nobody_acts_on_is_kept_and_ignored(shop: Shop) -> None:
    post(event_about({"id": "cus_1"}, "customer.created"))
    shop.work()
    assert WebhookEvent.objects.get().status == WebhookStatus.IGNORED


def test_our_version_is_the_sdks() -> None:
    assert stripe.api_version == API_VERSION
