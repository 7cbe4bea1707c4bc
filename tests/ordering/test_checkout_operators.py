"""What operators do to a checkout: turn it back, call an order back, take a step as done."""

import pytest

from ordering.checkout.saga import Checkout
from ordering.orders.models import Order
from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.contracts.ordering import CreateOrder
from shop.contracts.payments import VoidAuthorization
from shop.messaging.bus import publish, unit_of_work
from shop.messaging.context import acting
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.errors import Refused
from shop.messaging.models import Delivery
from shop.messaging.routing import switchboard
from shop.messaging.saga import operations
from shop.messaging.saga.explain import explain
from tests.ordering import world as w
from tests.ordering.world import World, authorized, released, reserved, say, settle, start

pytestmark = pytest.mark.django_db


def test_an_operator_turns_it_back(world: World) -> None:
    session = start()
    say(reserved(session))
    with acting("staff:ada"):
        operations.compensate(Checkout, session.pk, reason="customer called")
    settle()
    assert world.count(VoidAuthorization) == 1
    assert world.count(ReleaseInventory) == 1
    say(released(session), w.voided(session))
    session.refresh_from_db()
    assert (session.state, session.reason) == ("ABORTED", "CANCELLED_BY_OPERATOR")
    say(authorized(session))
    assert not Order.objects.exists()


def test_an_operator_calls_an_order_back_before_anybody_looked_at_it(world: World) -> None:
    session = start()
    say(reserved(session))
    with unit_of_work():
        publish(authorized(session))
    saga = switchboard().route_named("ordering.checkout.saga")
    assert saga is not None
    deliver_batch(saga)
    with acting("staff:ada"):
        operations.compensate(Checkout, session.pk, reason="customer called")
    settle()
    say(released(session), w.voided(session))
    session.refresh_from_db()
    assert (session.state, session.reason) == ("ABORTED", "CANCELLED_BY_OPERATOR")
    assert world.count(CreateOrder) == 0
    assert not Order.objects.exists()

    revived = Delivery.objects.filter(status="discarded")
    assert revived.update(status="open") == 1
    settle()
    assert Delivery.objects.get(status="dead").subscriber.endswith("create_order")
    assert not Order.objects.exists()


def test_an_operator_takes_a_payment_as_authorised_on_evidence(world: World) -> None:
    session = start()
    say(reserved(session))
    with acting("staff:ada"):
        operations.skip(Checkout, session.pk, reason="provider confirmed by phone", evidence="pi_4711")
    settle()
    session.refresh_from_db()
    assert session.state == "COMPLETED"
    assert Order.objects.get().payment_authorization_id == "pi_4711"


def test_an_order_that_exists_cannot_be_called_back(world: World) -> None:
    session = start()
    say(reserved(session))
    world.orders_are_deaf = True
    say(authorized(session))
    with acting("staff:ada"), pytest.raises(Refused):
        operations.compensate(Checkout, session.pk, reason="customer called")
    session.refresh_from_db()
    assert (session.state, session.reason) == ("CREATING_ORDER", "")


def test_what_is_told_of_two_undos_is_the_one_without_an_answer(world: World) -> None:
    session = start()
    say(reserved(session))
    with acting("staff:ada"):
        operations.compensate(Checkout, session.pk, reason="customer called")
    settle()
    say(released(session))
    session.refresh_from_db()

    sentence = explain(Checkout, session).sentence

    assert "Undoing AuthorizePayment" in sentence
    assert "take_VoidAuthorization has dealt with it" in sentence
