"""Webhooks through the real front door: repeated, reversed, late, lost, early, strange or forged, the effect comes once."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from config.sandbox.webhooks import sign
from config.settings.guard import DEVELOPMENT
from payments.models import Payment, WebhookEvent
from tests.faults.live import Live, await_until
from tests.payments.post import event_about

pytestmark = [pytest.mark.xdist_group("faults-webhooks"), pytest.mark.slow]

SECRET = DEVELOPMENT["STRIPE_WEBHOOK_SECRET"]
DAYS = 86_400


@pytest.fixture(autouse=True)
def _mended(live: Live) -> Iterator[None]:
    yield
    live.control.clear_faults()


def post(live: Live, event: dict[str, Any], *, secret: str = SECRET, at: float | None = None) -> httpx.Response:
    body = json.dumps(event).encode()
    signature = sign(body, secret, int(time.time() if at is None else at))
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    return live.http.post("/webhooks/stripe", content=body, headers=headers)


def one_effect(live: Live, sessions: list[UUID]) -> None:
    """Every webhook has been worked on, and each payment was authorised and captured once."""
    live.await_all(sessions, "COMPLETED")
    live.control.settle(timeout=60)
    await_until(lambda: not WebhookEvent.objects.filter(status="RECEIVED").exists())
    live.await_all(sessions, "COMPLETED")
    payments = Payment.objects.filter(checkout_session_id__in=sessions)
    assert {*payments.values_list("status", flat=True)} == {"SUCCEEDED"}
    live.assert_nothing_wrong()


def intent_of(live: Live, session: UUID) -> dict[str, Any]:
    """What the provider has for this checkout, as its API shows it."""
    payment = Payment.objects.get(checkout_session_id=session)
    intents: list[dict[str, Any]] = live.control.ledger("stripe")["intents"]
    return next(intent for intent in intents if intent["id"] == payment.intent_id)


def inbox(event: dict[str, Any]) -> WebhookEvent:
    """The stored webhook, once it has been worked on."""
    await_until(lambda: WebhookEvent.objects.filter(event_id=event["id"]).exclude(status="RECEIVED").exists())
    return WebhookEvent.objects.get(event_id=event["id"])


@pytest.mark.parametrize(
    ("effect", "rule"),
    [
        ("webhook_duplicate", {"copies": 10}),
        ("webhook_reversed", {"copies": 2, "seconds": 1}),
        ("webhook_delay", {"seconds": 1}),
        ("webhook_before_answer", {}),
        ("webhook_lost", {}),
    ],
)
def test_however_they_come_the_effect_comes_once(live: Live, effect: str, rule: dict[str, Any]) -> None:
    live.control.add_fault(effect, **rule)
    one_effect(live, live.check_out(4))


def test_the_answer_is_lost_and_only_the_webhook_knows(live: Live) -> None:
    """The provider did it, hangs up, and tells by webhook before we could have asked again."""
    live.control.add_fault("execute_then_timeout", operation="create", seconds=0, times=4)
    live.control.add_fault("webhook_before_answer")
    one_effect(live, live.check_out(4))


def send_everything_again(live: Live, sessions: list[UUID]) -> int:
    assert live.control.resend_webhooks(service="stripe")
    one_effect(live, sessions)
    return WebhookEvent.objects.count()


def test_everything_replayed_later(live: Live) -> None:
    sessions = live.check_out(4)
    one_effect(live, sessions)
    told = send_everything_again(live, sessions)
    assert {send_everything_again(live, sessions) for _ in range(3)} == {told}


def test_forged_stale_or_from_the_future_leave_no_trace(live: Live) -> None:
    (session,) = live.check_out(1)
    one_effect(live, [session])
    before = WebhookEvent.objects.count()
    event = event_about({**intent_of(live, session), "status": "canceled"}, "payment_intent.canceled")
    answers = [
        post(live, event, secret="whsec_guessed"),
        post(live, event, at=time.time() - 3 * DAYS),
        post(live, event, at=time.time() + 3 * DAYS),
        live.http.post("/webhooks/stripe", json=event),
    ]
    assert [answer.status_code for answer in answers] == [400] * 4
    assert WebhookEvent.objects.count() == before
    one_effect(live, [session])


def test_one_from_the_past_arrives_when_all_is_over(live: Live) -> None:
    """Sent again by hand three days later, it carries a fresh signature and an old state."""
    (session,) = live.check_out(1)
    one_effect(live, [session])
    old = {**intent_of(live, session), "status": "requires_capture", "amount_received": 0}
    event = event_about(old, "payment_intent.amount_capturable_updated", created=int(time.time()) - 3 * DAYS)
    assert post(live, event).status_code == 200
    assert inbox(event).status == "APPLIED"
    one_effect(live, [session])


def test_in_the_words_of_another_version(live: Live) -> None:
    (session,) = live.check_out(1)
    one_effect(live, [session])
    event = event_about(intent_of(live, session), "payment_intent.succeeded", api_version="2019-01-01")
    assert post(live, event).status_code == 200
    assert "2019-01-01" in inbox(event).did
    nonsense = event_about({"id": 7}, "payment_intent.succeeded", api_version="2031-01-01")
    assert post(live, nonsense).status_code == 200
    assert inbox(nonsense).status == "PARKED"
    one_effect(live, [session])


def test_about_nobody_we_know(live: Live) -> None:
    (session,) = live.check_out(1)
    one_effect(live, [session])
    stranger = {**intent_of(live, session), "id": "pi_stranger", "metadata": {}}
    event = event_about(stranger, "payment_intent.succeeded")
    assert post(live, event).status_code == 200
    await_until(lambda: WebhookEvent.objects.filter(event_id=event["id"], did__contains="no payment of ours").exists())
    live.assert_nothing_wrong()
