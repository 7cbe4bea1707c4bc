"""A test that a partner asks for: signed like the real thing, tried once, and answered with what came back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from shop.contracts.outward import SendTestWebhook, WebhookSendingView
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Call, Called, Outside
from shop.outward.endpoints import locked, now
from shop.outward.gateways.posting import Outcome
from shop.outward.models import WebhookAttempt, WebhookSending
from shop.outward.queries import sending_view
from shop.outward.sending import Letter, call, end, letter_for, note_try, try_of
from shop.outward.states import SendingState

TEST: Final = "webhook.test"


def prepare(batch: Sequence[Envelope[SendTestWebhook]]) -> Sequence[Call[Letter]]:
    """One sending of its own per test. Raises ``Missing``."""
    calls = []
    for envelope in batch:
        endpoint, moment = locked(envelope.message.endpoint_id), now()
        sending, _ = WebhookSending.objects.get_or_create(
            endpoint=endpoint,
            message_id=envelope.id,
            defaults={"event": TEST, "body": _body(envelope), "next_at": moment},
        )
        calls.append(Call(envelope, letter_for(sending, moment)))
    return calls


def record(called: Sequence[Called[Letter, Outcome]]) -> None:
    """What came back. A test counts neither for nor against the endpoint and is not tried again."""
    for item in called:
        sending = WebhookSending.objects.select_for_update().get(pk=item.intent.sending_id)
        note_try(sending, item.result)
        state = SendingState.DELIVERED if item.result.ok else SendingState.FAILED
        end(sending, state, at=now() if item.result.ok else None)
        sending.save()
        WebhookAttempt.objects.bulk_create([try_of(sending, item.result)])


def answer(envelope: Envelope[SendTestWebhook]) -> WebhookSendingView:
    """The test as it went."""
    found = WebhookSending.objects.get(endpoint_id=envelope.message.endpoint_id, message_id=envelope.id)
    return sending_view(found)


def _body(envelope: Envelope[SendTestWebhook]) -> str:
    told = {"type": TEST, "id": str(envelope.id), "timestamp": envelope.sent_at.isoformat().replace("+00:00", "Z"), "data": {}}
    return json.dumps(told, separators=(",", ":"))


send_test_webhook: Final = Outside(
    name="shop.outward.send_test_webhook", prepare=prepare, call=call, record=record, answer=answer
)
