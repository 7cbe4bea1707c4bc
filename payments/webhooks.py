"""What a stored webhook says, brought onto our payments through the same door as the provider's answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from payments.accounts import Account, Accounts, open_accounts, wait_after
from payments.commands import void_again
from payments.gateways.answers import Intent, ProviderRefund
from payments.gateways.connection import API_VERSION
from payments.gateways.reading import Unreadable, intent_of, refund_of
from payments.models import Refund, WebhookEvent
from payments.refunding import settle_refund
from payments.settling import settle
from payments.states import WebhookStatus
from shop.contracts.payments import ReceiveStripeWebhook
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.sets import Column, update_rows

ABOUT_INTENTS = frozenset(
    {
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
    }
)
ABOUT_REFUNDS = frozenset({"refund.created", "refund.updated", "refund.failed"})
MOST_ATTEMPTS = 5
CHANGES: tuple[Column, ...] = (("status", "text"), ("attempts", "smallint"), ("did", "text"), ("worked_at", "timestamptz"))

Said = Intent | ProviderRefund | str


def receive_stripe_webhooks(batch: Sequence[Envelope[ReceiveStripeWebhook]]) -> None:
    """Work on these webhooks, payments locked in primary-key order. What is about nobody we know is tried again, then parked."""
    causes = {envelope.message.inbox_id: envelope for envelope in batch}
    events = list(WebhookEvent.objects.filter(id__in=list(causes)).select_for_update().order_by("id").annotate(now=Now()))
    waiting = [event for event in events if event.status in (WebhookStatus.RECEIVED, WebhookStatus.PARKED)]
    said = {event.id: _said(event) for event in waiting}
    owners = _refund_owners(said.values())
    accounts = open_accounts(filter(None, (_payment_of(item, owners) for item in said.values())))
    for event in waiting:
        _work(event, said[event.id], accounts, owners, causes[event.id])
    accounts.save()
    rows = [(event.id, event.status, event.attempts, event.did, event.now) for event in waiting]
    update_rows("payments_webhookevent", ("id", "uuid"), CHANGES, rows)


def _said(event: WebhookEvent) -> Said:
    """What the event says, or why it says nothing to us."""
    body = json.loads(bytes(event.body))
    if body.get("livemode", False) is not ("_live_" in settings.STRIPE_API_KEY):
        return "parked: it is from the other mode (livemode differs from our key's)"
    try:
        if event.type in ABOUT_INTENTS:
            return intent_of(body["data"].get("object"))
        if event.type in ABOUT_REFUNDS:
            return refund_of(body["data"].get("object"))
    except Unreadable as error:
        return f"parked: {error}{_version_note(body)}"
    return "nothing to do for this type"


def _version_note(body: dict[str, Any]) -> str:
    version = body.get("api_version")
    return "" if version == API_VERSION else f" (written in API version {str(version)[:40]}, ours is {API_VERSION})"


def _refund_owners(said: Any) -> dict[str, UUID]:
    ids = [item.refund_id for item in said if isinstance(item, ProviderRefund) and _uuid(item.refund_id)]
    rows = Refund.objects.filter(id__in=ids).values_list("id", "payment_id") if ids else []
    return {str(refund_id): payment_id for refund_id, payment_id in rows}


def _payment_of(said: Said, owners: dict[str, UUID]) -> UUID | None:
    if isinstance(said, Intent):
        return _uuid(said.payment_id)
    return owners.get(said.refund_id) if isinstance(said, ProviderRefund) else None


def _work(
    event: WebhookEvent, said: Said, accounts: Accounts, owners: dict[str, UUID], cause: Envelope[ReceiveStripeWebhook]
) -> None:
    event.attempts += 1
    if isinstance(said, str):
        event.status = WebhookStatus.PARKED if said.startswith("parked") else WebhookStatus.IGNORED
        event.did = said.removeprefix("parked: ")
        return
    payment_id = _payment_of(said, owners)
    account = accounts.get(payment_id) if payment_id else None
    if account is None:
        _nobody(event, cause)
        return
    before = _shape(account)
    if isinstance(said, Intent):
        _apply_intent(account, said, accounts, cause)
    else:
        accounts.save()
        settle_refund(UUID(said.refund_id), said, cause)
    event.status = WebhookStatus.APPLIED
    event.did = f"{before} → {_shape(account)}{_version_note(json.loads(bytes(event.body)))}"


def _apply_intent(account: Account, said: Intent, accounts: Accounts, cause: Envelope[Any]) -> None:
    account.release = False
    settle(account, said)
    if account.release:
        account.ask_again(0)
        void_again(account.payment, cause=cause)
    accounts.publish(account, cause)


def _nobody(event: WebhookEvent, cause: Envelope[ReceiveStripeWebhook]) -> None:
    """It may be faster than our own commit; so it gets a few more chances before a person has to look."""
    event.did = "it is about no payment of ours"
    if event.attempts >= MOST_ATTEMPTS:
        event.status = WebhookStatus.PARKED
        return
    due_at = event.now + timedelta(seconds=wait_after(event.attempts))  # type: ignore[attr-defined]
    send(ReceiveStripeWebhook(inbox_id=event.id), cause=cause, due_at=due_at)


def _shape(account: Account) -> str:
    intents = ", ".join(f"{item.provider_intent_id} {item.status}" for item in account.authorizations)
    return f"payment {account.payment.id} {account.payment.status} [{intents}]"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
