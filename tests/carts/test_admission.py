"""A checkout and the end of its customer's account come one after the other, whichever was first."""

import threading

import pytest
from django.db import connections

from shop.contracts.accounts import AdmitToCheckout
from shop.contracts.customers import UpdateCustomer
from shop.contracts.personal_data import EraseCustomer
from shop.customers import admission
from shop.customers.models import CustomerProfile
from shop.messaging.bus import call, execute, unit_of_work
from shop.messaging.errors import Missing, Refused
from shop.messaging.models import Message
from tests.carts.carts import cart, check_out, customer
from tests.catalog.products import product
from tests.fulfilment.race import at_once, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)


def close(buyer):
    return execute(UpdateCustomer(customer_id=buyer, status="CLOSED", reason="fraud")).status


def in_the_meantime(work):
    """Begin ``work`` in a thread and return once it waits for a lock."""

    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    wait_until_blocked()
    return thread


def test_whoever_was_admitted_is_not_closed_before_the_checkout_is_over():
    buyer = customer()
    with unit_of_work():
        call(AdmitToCheckout(customer_id=buyer))
        closing = in_the_meantime(lambda: close(buyer))
        assert CustomerProfile.objects.get(pk=buyer).status == "ACTIVE"
    closing.join()
    assert CustomerProfile.objects.get(pk=buyer).status == "CLOSED"


def test_without_the_shared_lock_it_would_be(monkeypatch):
    """The control: a mere look lets the account be closed under the checkout's feet."""
    monkeypatch.setattr(admission, "SHARED", "WHERE id = %s")
    buyer = customer()
    with unit_of_work():
        call(AdmitToCheckout(customer_id=buyer))
        at_once([lambda: close(buyer)])
        assert CustomerProfile.objects.get(pk=buyer).status == "CLOSED"


def test_two_checkouts_of_one_customer_do_not_wait_for_each_other():
    buyer = customer()
    with unit_of_work():
        call(AdmitToCheckout(customer_id=buyer))
        (status,) = at_once([lambda: _admitted(buyer)])
    assert status == "ACTIVE"


def _admitted(buyer):
    with unit_of_work():
        return call(AdmitToCheckout(customer_id=buyer)).status


def test_checkouts_racing_a_closure_come_before_it_or_are_refused():
    buyer, lamp = customer(), product()
    carts = [cart((lamp.product_id, 1)).cart_id for _ in range(6)]

    def buy(cart_id):
        try:
            return check_out(cart_id, buyer).status
        except Refused as refused:
            return refused.code

    outcomes = at_once([lambda cart_id=cart_id: buy(cart_id) for cart_id in carts] + [lambda: close(buyer)])
    assert set(outcomes) <= {"PROCESSING", "customer_not_active", "CLOSED"}
    assert Message.objects.filter(name="CartCheckedOut").count() == outcomes.count("PROCESSING")
    assert buy(cart((lamp.product_id, 1)).cart_id) == "customer_not_active"


def test_an_erased_customer_buys_nothing():
    buyer, lamp = customer(), product()
    made = cart((lamp.product_id, 1))
    execute(EraseCustomer(customer_id=buyer, reason="asked for it"))
    with pytest.raises(Missing):
        check_out(made.cart_id, buyer)
