"""What payments keep of an erased customer: amounts and ids. What the provider's webhooks said beside them goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from payments.models import Payment
from shop.contracts.personal_data import ForgetStripeWebhooks, OrderPseudonymised
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches
from shop.messaging.inboxes import just_before, redact_webhooks

# What the provider calls personal things. Source: https://docs.stripe.com/api/charges/object
PERSONAL: Final = frozenset(
    {
        "address", "billing_details", "customer_details", "customer_email", "email", "name", "owner", "phone", "receipt_email",
        "receipt_url", "shipping",
    }
)  # fmt: skip
ROOM: Final = dt.timedelta(hours=1)  # for clocks that differ


@in_batches(50)
def forget_webhooks_when_order_pseudonymised(batch: Sequence[Envelope[OrderPseudonymised]]) -> None:
    """Begin to redact the webhooks that name the intents of these orders."""
    orders = {envelope.message.order_id: envelope for envelope in batch}
    payments = list(Payment.objects.filter(order_id__in=list(orders)).prefetch_related("authorizations"))
    intents = sorted(
        {each.provider_intent_id for payment in payments for each in payment.authorizations.all() if each.provider_intent_id}
    )
    if not intents:
        return
    first = just_before(min(payment.requested_at for payment in payments) - ROOM)
    send(ForgetStripeWebhooks(intent_ids=intents[:200], after=first), cause=batch[0])


def forget_stripe_webhooks(command: ForgetStripeWebhooks) -> None:
    """Redact one chunk; asks itself for the next one."""
    end = redact_webhooks("payments_webhookevent", command.intent_ids, PERSONAL, command.after)
    if end is not None:
        send(command.model_copy(update={"after": end}))
