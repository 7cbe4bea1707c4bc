"""What an order costs more after it was made: a payment of its own, on the payment method of the order's first one."""

from __future__ import annotations

from typing import Final

from payments import facts
from payments.accounts import Account, open_accounts
from payments.commands import authorize_again, void_again
from payments.models import Payment
from payments.returning import Why, give_back, left_of_all
from payments.states import UNDECIDED, PaymentStatus, RefundKind
from payments.voiding import NO_CURRENCY
from shop.contracts.payments import AuthorizeDifference, DifferenceAuthorized, DifferenceDeclined, VoidDifference
from shop.messaging.bus import publish
from shop.messaging.envelope import Envelope
from shop.messaging.sets import Column, fetch_rows, insert_rows

NO_PAYMENT: Final = "The order has no payment that more could be charged to."
CALLED_BACK: Final = "The change was not made"
COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "uuid"),
    ("order_id", "uuid"),
    ("change_id", "uuid"),
    ("cart_id", "uuid"),
    ("customer_id", "uuid"),
    ("amount", "bigint"),
    ("currency", "text"),
    ("method_token", "text"),
    ("status", "text"),
    ("void_requested", "boolean"),
    ("closed_at", "timestamptz"),
)
ONCE: Final = "ON CONFLICT (id) DO NOTHING RETURNING id"


def authorize(envelope: Envelope[AuthorizeDifference]) -> None:
    """Put the further payment on record and have the provider asked. What is decided already is answered again."""
    command = envelope.message
    if command.amount == 0:
        publish(_nothing_due(command, envelope), cause=envelope)
        return
    first = Payment.objects.filter(order_id=command.order_id, change_id__isnull=True).order_by("requested_at", "id").first()
    if first is None:
        publish(_declined(command, envelope), cause=envelope)
        return
    row = (
        command.payment_id, command.order_id, command.change_id, first.cart_id or first.id, first.customer_id, command.amount,
        command.currency, first.method_token, PaymentStatus.REQUESTED.value, False, None,
    )  # fmt: skip
    new = bool(insert_rows(Payment._meta.db_table, COLUMNS, [row], tail=ONCE))
    accounts = open_accounts([command.payment_id])
    account = accounts.by_id[command.payment_id]
    if new:
        account.facts.append(facts.requested(account.payment, account.now))
    if account.payment.status in UNDECIDED:
        authorize_again(account.payment, cause=envelope)
    else:
        account.facts.append(facts.difference(account.payment, account.verdict, account.now))
    accounts.publish(account, envelope)


def void(envelope: Envelope[VoidDifference]) -> None:
    """Nothing is to be kept for this change. The wish is committed: what turns up later is released or given back."""
    command = envelope.message
    row = (
        command.payment_id, command.order_id, command.change_id, None, None, 0, NO_CURRENCY, "", PaymentStatus.VOIDED.value, True,
        envelope.sent_at,
    )  # fmt: skip
    insert_rows(Payment._meta.db_table, COLUMNS, [row], tail=ONCE)
    accounts = open_accounts([command.payment_id])
    account = accounts.by_id[command.payment_id]
    _give_up(account, envelope)
    account.facts.append(facts.difference_voided(account.payment, command.change_id, account.now))
    accounts.publish(account, envelope)
    accounts.save()


def _give_up(account: Account, envelope: Envelope[VoidDifference]) -> None:
    payment = account.payment
    if payment.status == PaymentStatus.SUCCEEDED:
        if left := left_of_all([payment])[payment.id]:
            give_back(account, left, Why(RefundKind.AMENDMENT, CALLED_BACK, "called back"), envelope.actor)
    elif payment.status in (*UNDECIDED, PaymentStatus.AUTHORIZED) and not payment.void_requested:
        payment.void_requested, payment.void_reason, account.changed = True, CALLED_BACK, True
        void_again(payment, cause=envelope)


def _nothing_due(command: AuthorizeDifference, envelope: Envelope[AuthorizeDifference]) -> DifferenceAuthorized:
    return DifferenceAuthorized(
        order_id=command.order_id,
        change_id=command.change_id,
        payment_id=command.payment_id,
        amount=0,
        fraud_verdict="pass",
        authorized_at=envelope.sent_at,
    )


def _declined(command: AuthorizeDifference, envelope: Envelope[AuthorizeDifference]) -> DifferenceDeclined:
    return DifferenceDeclined(
        order_id=command.order_id,
        change_id=command.change_id,
        payment_id=command.payment_id,
        message=NO_PAYMENT,
        declined_at=fetch_rows("SELECT now()")[0][0],
    )
