"""Money on its way back. A refund is on record, and counts against what is left, before the provider hears of it.

Refunding twice is possible at the provider, so one refund keeps one idempotency key for ever; when the key is too old or
spent, the refund is looked for among those of its intent instead of being posted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import Now

from payments import facts
from payments.accounts import database_now, open_accounts
from payments.asking import BATCH, LEASE_SECONDS, THREADS, timed
from payments.authorising import KEY_LASTS
from payments.gateways import refunds as provider
from payments.gateways.answers import ProviderRefund, RefundAnswer, Rejected, Unclear
from payments.models import Payment, ProviderCall, Refund
from payments.states import PaymentStatus, RefundKind, RefundStatus
from shop.contracts.payments import RefundPayment, RefundRequested
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.errors import Missing, Refused
from shop.messaging.handlers import Call, Called, Outside

COUNTED = (RefundStatus.REQUESTED, RefundStatus.PROCESSED)


class StillUnclear(Exception):
    """The provider gave no answer about a refund: the delivery is tried again, under the same key."""


@dataclass(frozen=True, slots=True)
class Return:
    """What to give back from which intent."""

    refund_id: UUID
    payment_id: UUID
    intent_id: str
    amount: int
    key: str
    may_post: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """The provider's word on one refund."""

    answer: RefundAnswer
    milliseconds: int


def request_refund(command: RefundPayment, envelope: Envelope[RefundPayment]) -> Refund:
    """Put a refund on record under the command's own id. Raises ``Missing`` or ``Refused``."""
    payment = Payment.objects.select_for_update().filter(id=command.payment_id).first()
    if payment is None:
        raise Missing("payment_not_found", "There is no such payment.")
    known = Refund.objects.filter(id=envelope.id).first()
    if known is not None:
        return known
    left = left_of(payment)
    amount = left if command.amount is None else command.amount
    if left == 0:
        raise Refused("nothing_to_refund", "Nothing captured is left to refund on this payment.")
    if amount > left:
        raise too_large(left)
    wish = Wish(command.refund_type or RefundKind.GOODS.value, command.reason, above_the_limit(amount))
    return put_on_record(envelope.id, payment, amount, wish, envelope)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants money returned for, and whether another one has to agree."""

    kind: str
    reason: str
    needs_approval: bool = False
    retry_of: Refund | None = None


def above_the_limit(amount: int) -> bool:
    """Whether so much (minor units) needs a second person (``REFUND_APPROVAL_ABOVE``; 0 is never)."""
    return 0 < settings.REFUND_APPROVAL_ABOVE < amount


def left_of(payment: Payment) -> int:
    """What was taken and is neither returned nor on its way back. The payment's row is locked."""
    return payment.captured_amount - _counted(payment.id) if payment.status == PaymentStatus.SUCCEEDED else 0


def too_large(left: int) -> Refused:
    """More is asked for than there is."""
    return Refused("refund_too_large", f"At most {left} is left to refund.", data={"left": left})


def put_on_record(refund_id: UUID, payment: Payment, amount: int, wish: Wish, envelope: Envelope[Any]) -> Refund:
    """A refund that counts from now on; the provider is asked for it unless a second person has to agree first."""
    refund = Refund.objects.create(
        id=refund_id,
        payment=payment,
        amount=amount,
        currency=payment.currency,
        kind=wish.kind,
        reason=wish.reason,
        requested_by=envelope.actor,
        needs_approval=wish.needs_approval,
        retry_of=wish.retry_of,
    )
    if not wish.needs_approval:
        publish(facts.refund_requested(refund, payment, database_now()), cause=envelope)
    return refund


def prepare(batch: Sequence[Envelope[RefundRequested]]) -> Sequence[Call[Return]]:
    """Decide which refunds still have to be asked for."""
    ids = [envelope.message.refund_id for envelope in batch]
    wanted = Refund.objects.filter(id__in=ids, status=RefundStatus.REQUESTED).exclude(needs_approval=True, approved=None)
    waiting = wanted.select_related("payment").annotate(now=Now())
    by_id = {refund.id: refund for refund in waiting}
    calls = []
    for envelope in batch:
        refund = by_id.get(envelope.message.refund_id)
        if refund is not None:
            calls.append(Call(envelope, _return(refund, refund.now)))
    return calls


def call(intent: Return) -> Returned:
    """Refund at the provider, or look for the refund there. Raises ``StillUnclear``."""
    answer, milliseconds = timed(lambda: _ask(intent))
    if isinstance(answer, Unclear):
        raise StillUnclear(answer.error)
    return Returned(answer, milliseconds)


def record(called: Sequence[Called[Return, Returned]]) -> None:
    """Bring the answers onto the refunds and their payments."""
    accounts = open_accounts(item.intent.payment_id for item in called)
    for item in called:
        settle_refund(item.intent.refund_id, item.result.answer, item.envelope)
        accounts.calls.append(_record_of(item))
    accounts.save()


def settle_refund(refund_id: UUID, answer: RefundAnswer, cause: Envelope[Any]) -> bool:
    """Bring one answer onto the refund, whose payment's row is locked. Whether it changed anything."""
    refund = Refund.objects.select_for_update().get(id=refund_id)
    before = refund.status
    now = database_now()
    if isinstance(answer, ProviderRefund):
        refund.provider_refund_id = answer.id
    if isinstance(answer, ProviderRefund) and answer.accepted:
        if refund.status == RefundStatus.REQUESTED:
            refund.process()
            publish(facts.refund_processed(refund, now), cause=cause)
    elif not (isinstance(answer, ProviderRefund) and not answer.refused) and refund.status != RefundStatus.FAILED:
        refund.fail(_why(answer))
    if refund.status == before:
        return False
    refund.closed_at = now
    refund.save()
    _sum_up(refund.payment_id)
    return True


def _counted(payment_id: UUID) -> int:
    total: int | None = Refund.objects.filter(payment_id=payment_id, status__in=COUNTED).aggregate(total=Sum("amount"))["total"]
    return total or 0


def _sum_up(payment_id: UUID) -> None:
    processed = Refund.objects.filter(payment_id=payment_id, status=RefundStatus.PROCESSED).aggregate(total=Sum("amount"))
    Payment.objects.filter(id=payment_id).update(refunded_amount=processed["total"] or 0)


def _return(refund: Refund, now: datetime) -> Return:
    return Return(
        refund_id=refund.id,
        payment_id=refund.payment_id,
        intent_id=refund.payment.intent_id,
        amount=refund.amount,
        key=f"refund:{refund.id}",
        may_post=now - (refund.decided_at or refund.requested_at) < KEY_LASTS,
    )


def _ask(intent: Return) -> RefundAnswer:
    if intent.may_post:
        answer = provider.refund(intent_id=intent.intent_id, amount=intent.amount, refund_id=intent.refund_id, key=intent.key)
        if not (isinstance(answer, Unclear) and answer.key_spent):
            return answer
    return provider.find_refund(intent_id=intent.intent_id, refund_id=intent.refund_id)


def _why(answer: RefundAnswer) -> str:
    if isinstance(answer, Rejected):
        return answer.message
    return answer.error if isinstance(answer, ProviderRefund) else "The provider has no such refund."


def _record_of(item: Called[Return, Returned]) -> ProviderCall:
    answer = item.result.answer
    return ProviderCall(
        payment_id=item.intent.payment_id,
        operation="refund",
        idempotency_key=item.intent.key,
        outcome=answer.state[:20] if isinstance(answer, ProviderRefund) else type(answer).__name__.lower(),
        detail=answer.message if isinstance(answer, Rejected) else "",
        milliseconds=item.result.milliseconds,
    )


process_refund_when_refund_requested = Outside(
    name="payments.process_refund_when_refund_requested",
    prepare=prepare,
    call=call,
    record=record,
    batch_size=BATCH,
    lease_seconds=LEASE_SECONDS,
    threads=THREADS,
)
