"""Both ledgers beside each other, also when one of them is younger than the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from config.demo.audit import compare
from payments.models import Payment, PaymentAuthorization
from payments.states import AuthorizationStatus, PaymentStatus

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SINCE = NOW.timestamp()
DUE = 2_500


def paid(intent: str, at: datetime = NOW) -> UUID:
    payment = Payment.objects.create(
        id=uuid7(),
        order_id=uuid7(),
        amount=DUE,
        currency="GBP",
        status=PaymentStatus.SUCCEEDED,
        captured_amount=DUE,
        intent_id=intent,
        requested_at=at,
    )
    PaymentAuthorization.objects.create(
        id=uuid7(),
        payment=payment,
        provider_intent_id=intent,
        status=AuthorizationStatus.CAPTURED,
        amount=DUE,
        currency="GBP",
        captured_amount=DUE,
    )
    return payment.id


def intent(id: str, payment: UUID, *, received: int = DUE, at: datetime = NOW) -> dict[str, Any]:
    return {
        "id": id,
        "object": "payment_intent",
        "status": "succeeded" if received else "requires_capture",
        "amount": DUE,
        "amount_received": received,
        "amount_capturable": 0 if received else DUE,
        "currency": "gbp",
        "created": int(at.timestamp()),
        "metadata": {"payment_id": str(payment), "order_id": str(uuid7())},
        "latest_charge": None,
        "last_payment_error": None,
    }


def test_the_same_on_both_sides_is_no_violation() -> None:
    assert compare([intent("pi_1", paid("pi_1"))], SINCE) == ([], 0)


def test_another_amount_and_money_nobody_knows_of_are_violations() -> None:
    ours = intent("pi_1", paid("pi_1"), received=0)
    stranger = intent("pi_2", uuid7())
    found, too_old = compare([ours, stranger], SINCE)
    assert (len(found), too_old) == (2, 0)


def test_a_payment_of_this_run_that_the_provider_does_not_know_is_one() -> None:
    payment = paid("pi_1")
    found, too_old = compare([], SINCE)
    assert [violation.subject for violation in found] == [str(payment)]
    assert too_old == 0


def test_a_payment_older_than_the_ledger_is_only_counted() -> None:
    paid("pi_old", NOW - timedelta(days=1))
    assert compare([intent("pi_1", paid("pi_1"))], SINCE) == ([], 1)


def test_an_older_run_in_the_same_ledger_still_counts() -> None:
    yesterday = NOW - timedelta(days=1)
    lost = paid("pi_lost", yesterday + timedelta(hours=1))
    first = intent("pi_first", paid("pi_first", yesterday), at=yesterday)
    found, too_old = compare([first], SINCE)
    assert ([violation.subject for violation in found], too_old) == ([str(lost)], 0)


def test_an_intent_of_another_database_from_before_this_run_is_nobodys_business() -> None:
    assert compare([intent("pi_2", uuid7(), at=NOW - timedelta(days=1))], SINCE) == ([], 0)
