"""What operators do to orders and refunds: seen first, done once, written down."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, override_settings
from django.urls import reverse

from ordering.orders.models import Order
from payments.models import Payment, Refund
from shop.messaging.models import OperatorAction
from tests.console.buttons import counts, send
from tests.console.shop import Shop, work

pytestmark = pytest.mark.django_db


def the_order(shop: Shop, name: str = "paid") -> Order:
    return Order.objects.get(pk=shop.session(name).order_id)


def as_it_is(order: Order) -> dict[str, str]:
    """What the form starts from."""
    lines = {f"line_{line.position}": str(line.quantity) for line in order.lines.all()}
    return {**lines, "delivery_method": order.delivery_method, "discount": "", "promotion_code": ""}


def test_an_amendment_is_seen_before_it_is_made(admin: Client, shop: Shop) -> None:
    order = the_order(shop)
    wish = as_it_is(order) | {"line_1": "2", "line_2": "0"}
    before = counts()
    shown = send(admin, Order, "amend", [order], **wish)
    assert shown.status_code == 422
    assert "The total would be 26.10 EUR instead of" in shown.content.decode()
    assert send(admin, Order, "amend", [order], **as_it_is(order), agreed="on").status_code == 422
    assert counts() == before
    assert send(admin, Order, "amend", [order], **wish, agreed="on").status_code == 302
    work()
    changed = the_order(shop)
    assert (changed.total, changed.revision, changed.lines.count()) == (2_610, 2, 1)
    kept = sum(payment.captured_amount - payment.refunded_amount for payment in Payment.objects.filter(order_id=order.pk))
    assert kept == 2_610
    assert OperatorAction.objects.filter(verb="order.amend", target_id=str(order.pk)).count() == 1


def test_an_address_is_changed_and_an_order_cancelled(admin: Client, shop: Shop) -> None:
    order = the_order(shop)
    form = admin.get(reverse("admin:ordering_order_verb", args=["readdress"]), {"ids": str(order.pk)}).content.decode()
    for known in order.delivery_address.values():  # what is right already is not typed again
        assert f'value="{known}"' in form
    address = {"recipient_name": "Ada", "line1": "Kai 2", "postal_code": "20095", "city": "Hamburg", "country_code": "DE"}
    assert send(admin, Order, "readdress", [order], **address | {"postal_code": "1"}).status_code == 409
    assert send(admin, Order, "readdress", [order], **address).status_code == 302
    moved = the_order(shop)
    assert moved.delivery_address["city"] == "Hamburg"
    assert send(admin, Order, "cancel", [moved], because="FRAUD").status_code == 302
    assert send(admin, Order, "cancel", [the_order(shop)], because="FRAUD").status_code == 409
    work()
    payment = Payment.objects.get(pk=order.payment_id)
    assert payment.refunded_amount == payment.captured_amount > 0
    assert set(OperatorAction.objects.filter(target_id=str(order.pk)).values_list("verb", flat=True)) >= {
        "order.readdress", "order.cancel",
    }  # fmt: skip


@override_settings(REFUND_APPROVAL_ABOVE=1_000)
def test_a_refund_above_the_limit_needs_somebody_else(admin: Client, shop: Shop) -> None:
    order = the_order(shop)
    assert send(admin, Order, "refund", [order], amount="10.01", what_for="SHIPPING").status_code == 302
    refund = Refund.objects.get(payment_id=order.payment_id)
    assert (refund.amount, refund.kind, refund.waits_for_approval) == (1_001, "SHIPPING", True)
    assert send(admin, Refund, "approve", [refund]).status_code == 409
    other = Client()
    other.force_login(get_user_model().objects.create_superuser("second", password="x"))
    assert send(other, Refund, "approve", [refund]).status_code == 302
    work()
    refund = Refund.objects.get(pk=refund.pk)
    assert (refund.status, refund.decided_by) == ("PROCESSED", "staff:second")
    assert send(admin, Refund, "retry", [refund]).status_code == 409
