"""The command that lays our ledger beside Stripe's, over real HTTP and in both directions."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from payments.models import PaymentAuthorization
from tests.payments.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)


def compared() -> str:
    out = StringIO()
    call_command("compare_ledgers", stdout=out)
    return out.getvalue()


def differing() -> str:
    out = StringIO()
    with pytest.raises(CommandError, match="1 differences"):
        call_command("compare_ledgers", stdout=out)
    return out.getvalue()


def test_equal_ledgers_say_so_across_pages(shop: Shop) -> None:
    shop.tell(*(shop.command() for _ in range(120)))
    shop.capture(shop.authorize())
    shop.authorize(payment_method_id="pm_card_chargeDeclined")
    assert "both ledgers say the same" in compared()


def test_a_hold_we_know_nothing_of_is_named(shop: Shop) -> None:
    payment = shop.authorize()
    PaymentAuthorization.objects.filter(payment=payment).delete()
    assert "we know nothing of it" in differing()


def test_a_capture_the_provider_does_not_know_is_named(shop: Shop) -> None:
    payment = shop.authorize()
    PaymentAuthorization.objects.filter(payment=payment).update(captured_amount=payment.amount, status="CAPTURED")
    assert str(payment.pk) in differing()


def test_ours_that_the_provider_lost_is_named(shop: Shop) -> None:
    payment = shop.authorize()
    shop.sandbox.reset()
    assert str(payment.pk) in differing()


def test_a_provider_that_does_not_answer_is_said(shop: Shop) -> None:
    shop.sandbox.add_fault("status", status=500, service="stripe")
    with pytest.raises(CommandError, match="could not be asked"):
        compared()
