"""One try to send a webhook: commit that it is made, make it in no transaction, write down what came of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from shop.contracts.outward import DeliverWebhook
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Call, Called, Outside
from shop.messaging.sets import write_fields
from shop.outward.endpoints import now, switch_off
from shop.outward.gateways.posting import Outcome, post
from shop.outward.gateways.signing import headers_for, secret_of
from shop.outward.models import WebhookAttempt, WebhookEndpoint, WebhookSending
from shop.outward.states import EndpointState, SendingState

# Seconds until the next try; after the last of these a sending has failed. About a day altogether.
WAITS: Final = (10, 60, 300, 1_800, 7_200, 21_600, 43_200)
GONE: Final = 410  # a partner who answers this wants nothing more, ever
BATCH: Final = 32


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything one try needs."""

    sending_id: UUID
    webhook_id: str
    url: str
    body: str
    secrets: tuple[str, ...]
    timestamp: int


def prepare(batch: Sequence[Envelope[DeliverWebhook]]) -> Sequence[Call[Letter]]:
    """Only what still waits for this very try is sent; what waits for a disabled endpoint has failed."""
    sendings = {sending.id: sending for sending in _locked([envelope.message.sending_id for envelope in batch])}
    moment = now()
    calls = []
    for envelope in batch:
        sending = sendings.pop(envelope.message.sending_id, None)
        if sending is None or sending.status != SendingState.PENDING or sending.attempts + 1 != envelope.message.attempt:
            continue
        if sending.endpoint.status != EndpointState.ACTIVE:
            end(sending, SendingState.FAILED, error="The endpoint is disabled.")
            sending.save()
            continue
        calls.append(Call(envelope, letter_for(sending, moment)))
    return calls


def call(letter: Letter) -> Outcome:
    """The try itself."""
    body = letter.body.encode()
    headers = headers_for(letter.webhook_id, letter.timestamp, body, letter.secrets)
    return post(letter.url, body, headers)


def record(called: Sequence[Called[Letter, Outcome]]) -> None:
    """What came of each; later, never, or done. An endpoint that failed too often in a row is disabled."""
    ids = [item.intent.sending_id for item in called]
    endpoints = {endpoint.id: endpoint for endpoint in _endpoints_of(ids)}
    sendings = {sending.id: sending for sending in _locked(ids)}
    moment = now()
    for item in called:
        sending = sendings[item.intent.sending_id]
        endpoint = endpoints[sending.endpoint_id]
        note_try(sending, item.result)
        _decide(sending, item, moment)
        _judge(endpoint, item)
    write_fields(sendings.values(), OUTCOME)
    write_fields(endpoints.values(), ["failures", "status", "disabled_reason", "version"])
    WebhookAttempt.objects.bulk_create(try_of(sendings[item.intent.sending_id], item.result) for item in called)


def letter_for(sending: WebhookSending, moment: datetime) -> Letter:
    """What is sent, with the secrets that sign it now."""
    endpoint = sending.endpoint
    generations = [endpoint.generation]
    if endpoint.previous_until is not None and endpoint.previous_until > moment:
        generations.append(endpoint.generation - 1)
    return Letter(
        sending_id=sending.id,
        webhook_id=str(sending.message_id),
        url=endpoint.url,
        body=sending.body,
        secrets=tuple(secret_of(endpoint.id, generation) for generation in generations),
        timestamp=int(moment.timestamp()),
    )


OUTCOME: Final = ["status", "attempts", "next_at", "last_status", "last_error", "delivered_at"]


def note_try(sending: WebhookSending, outcome: Outcome) -> None:
    """One more try, and what came back."""
    sending.attempts += 1
    sending.last_status, sending.last_error = outcome.status_code, outcome.error


def try_of(sending: WebhookSending, outcome: Outcome) -> WebhookAttempt:
    """The try as it goes on record."""
    return WebhookAttempt(
        sending=sending,
        attempt=sending.attempts,
        status_code=outcome.status_code,
        error=outcome.error,
        milliseconds=outcome.milliseconds,
    )


def end(sending: WebhookSending, state: SendingState, *, error: str = "", at: datetime | None = None) -> None:
    """Nothing more is tried."""
    sending.status, sending.next_at, sending.delivered_at = state, None, at
    sending.last_error = error or sending.last_error


def wait_after(attempts: int) -> float | None:
    """Seconds until the next try after that many failed ones, scattered by a fifth; ``None`` when that was the last."""
    if attempts > len(WAITS):
        return None
    return WAITS[attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311


def _decide(sending: WebhookSending, item: Called[Letter, Outcome], moment: datetime) -> None:
    if item.result.ok:
        end(sending, SendingState.DELIVERED, at=moment)
        return
    wait = wait_after(sending.attempts)
    if wait is None or item.result.status_code == GONE:
        end(sending, SendingState.FAILED)
        return
    sending.next_at = moment + timedelta(seconds=wait)
    again = DeliverWebhook(sending_id=sending.id, attempt=sending.attempts + 1)
    send(again, cause=item.envelope, due_at=sending.next_at)


def _judge(endpoint: WebhookEndpoint, item: Called[Letter, Outcome]) -> None:
    endpoint.failures = 0 if item.result.ok else endpoint.failures + 1
    if item.result.ok or endpoint.status != EndpointState.ACTIVE:
        return
    if item.result.status_code == GONE:
        switch_off(endpoint, "It answered 410: it wants nothing more.", cause=item.envelope)
    elif endpoint.failures >= settings.WEBHOOK_DISABLE_AFTER:
        told = f"{endpoint.failures} tries in a row failed. The last one: {item.result.error}"
        switch_off(endpoint, told, cause=item.envelope)


def _locked(ids: Sequence[UUID]) -> list[WebhookSending]:
    rows = WebhookSending.objects.select_for_update(of=("self",), no_key=True).select_related("endpoint")
    return list(rows.filter(pk__in=ids).order_by("pk"))


def _endpoints_of(ids: Sequence[UUID]) -> list[WebhookEndpoint]:
    wanted = WebhookSending.objects.filter(pk__in=ids).values("endpoint_id")
    return list(WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))


def _nothing(envelope: Envelope[Any]) -> None:
    return None


deliver_webhook: Final = Outside(
    name="shop.outward.deliver_webhook",
    prepare=prepare,
    call=call,
    record=record,
    answer=_nothing,
    batch_size=BATCH,
)
