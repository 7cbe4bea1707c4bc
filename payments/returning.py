"""Money that goes back because of what became of its order, whatever state its payments are in when that is heard.

The wish is written on the payment. What is not held yet is voided when it is, what is being captured is refunded when the
provider says that it was: nothing has to be known now, and everything may come in any order and any number of times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

import structlog

from payments import facts
from payments.accounts import Account, Accounts, open_accounts
from payments.commands import void_again
from payments.models import OrderReturn, Payment, Refund
from payments.states import UNDECIDED, PaymentStatus, RefundKind
from shop.contracts.payments import ReturnDifference
from shop.messaging.envelope import Envelope
from shop.messaging.sets import Column, fetch_rows, insert_rows

log = structlog.get_logger(__name__)

SYSTEM: Final = "system:payments"
COUNTED: Final = """
    SELECT payment_id, sum(amount) FILTER (WHERE status <> 'FAILED') FROM payments_refund WHERE payment_id = ANY(%s) GROUP BY 1
"""
RETURNS: Final[tuple[Column, ...]] = (("change_id", "uuid"), ("order_id", "uuid"), ("amount", "bigint"))


@dataclass(frozen=True, slots=True)
class Why:
    """What it goes back for; ``key`` makes one refund per payment and cause of it."""

    kind: RefundKind
    reason: str
    key: str


def give_back(account: Account, amount: int, why: Why, actor: str = SYSTEM) -> None:
    """Put a refund of captured money on record; the provider is asked later."""
    refund = Refund(
        id=uuid5(account.payment.id, why.key),
        payment_id=account.payment.id,
        amount=amount,
        currency=account.payment.currency,
        kind=why.kind,
        reason=why.reason,
        requested_by=actor,
        requested_at=account.now,
    )
    account.refunds.append(refund)
    account.facts.append(facts.refund_requested(refund, account.payment, account.now))


def give_back_surplus(account: Account) -> None:
    """The money was taken just now: what should not have been goes back at once."""
    payment = account.payment
    if payment.void_requested:
        kind = RefundKind.AMENDMENT if payment.change_id else RefundKind.ORDER_CANCELLED
        surplus, why = payment.captured_amount, Why(kind, payment.void_reason or "Voided", "voided")
    else:
        surplus = payment.captured_amount - (payment.amount - payment.to_return)
        why = Why(RefundKind.AMENDMENT, "The order costs less than was taken", "surplus")
    if surplus > 0:
        give_back(account, surplus, why)


def return_all(causes: Mapping[UUID, Envelope[Any]], why: Why) -> None:
    """Give back all money of these orders: void what is or may be held, refund what is left of what was taken."""
    accounts = _accounts_of(causes)
    left = left_of_all([account.payment for account in accounts.by_id.values()])
    for account in accounts.by_id.values():
        payment, cause = account.payment, causes[account.payment.order_id]
        if payment.status == PaymentStatus.SUCCEEDED and left[payment.id] > 0:
            give_back(account, left[payment.id], why, cause.actor)
        elif payment.status in (*UNDECIDED, PaymentStatus.AUTHORIZED) and not payment.void_requested:
            payment.void_requested, payment.void_reason, account.changed = True, why.reason, True
            void_again(payment, cause=cause)
        accounts.publish(account, cause)
    accounts.save()


def return_difference(command: ReturnDifference, cause: Envelope[ReturnDifference]) -> None:
    """Keep less of an order's money, from its newest payment backwards. Once per change."""
    row = (command.change_id, command.order_id, command.amount)
    if not insert_rows(OrderReturn._meta.db_table, RETURNS, [row], tail="ON CONFLICT DO NOTHING RETURNING change_id"):
        return
    accounts = _accounts_of({command.order_id: cause})
    left, due = left_of_all([account.payment for account in accounts.by_id.values()]), command.amount
    why = Why(RefundKind(command.because), command.reason or RefundKind(command.because).label, f"change:{command.change_id}")
    for account in sorted(accounts.by_id.values(), key=lambda each: each.payment.requested_at, reverse=True):
        due -= _take_from(account, min(due, left[account.payment.id]), why, cause)
        accounts.publish(account, cause)
    accounts.save()
    if due:
        OrderReturn.objects.filter(pk=command.change_id).update(forgone=due)
        log.warning("difference_given_back_before", order=str(command.order_id), change=str(command.change_id), left=due)


def _take_from(account: Account, amount: int, why: Why, cause: Envelope[Any]) -> int:
    payment = account.payment
    if amount <= 0:
        return 0
    if payment.status == PaymentStatus.SUCCEEDED:
        give_back(account, amount, why, cause.actor)
        return amount
    payment.to_return += amount
    account.changed = True
    if payment.to_return == payment.amount:
        payment.void_requested, payment.void_reason = True, why.reason
        void_again(payment, cause=cause)
    return amount


def _accounts_of(causes: Mapping[UUID, Envelope[Any]]) -> Accounts:
    ids = Payment.objects.filter(order_id__in=list(causes)).values_list("id", flat=True)
    return open_accounts(list(ids))


def left_of_all(payments: Sequence[Payment]) -> Mapping[UUID, int]:
    """What of each could still be kept: taken and not given back, or held and not marked to be left. Their rows are locked."""
    counted: dict[UUID, int] = defaultdict(int)
    rows = fetch_rows(COUNTED, [[payment.id for payment in payments]]) if payments else []
    counted.update((payment_id, int(total or 0)) for payment_id, total in rows)
    return {payment.id: _left_of(payment, counted[payment.id]) for payment in payments}


def _left_of(payment: Payment, counted: int) -> int:
    if payment.status == PaymentStatus.SUCCEEDED:
        return payment.captured_amount - counted
    if payment.status in (*UNDECIDED, PaymentStatus.AUTHORIZED) and not payment.void_requested:
        return payment.amount - payment.to_return
    return 0
