"""An anonymous cart becomes the customer's at login; sums are capped, currencies kept apart, and nobody gets another's cart."""

from uuid import uuid4

import pytest

from shop.carts.models import MOST_PER_PRODUCT, Cart, CartItem
from shop.contracts.shopping import ClaimCart, GetCart
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Missing, Refused
from shop.messaging.models import Message
from tests.carts.carts import add, cart, check_out, customer
from tests.catalog.products import product
from tests.customers.people import customer as person
from tests.http.calls import PASSWORD, bearer, post, register
from tests.messaging.tools import run_threads

pytestmark = pytest.mark.django_db


def claim(cart_id, buyer):
    return execute(ClaimCart(cart_id=cart_id, customer_id=buyer))


def contents(cart_id):
    return sorted((str(line.product_id), line.quantity) for line in ask(GetCart(cart_id=cart_id)).items)


def test_without_a_cart_of_ones_own_the_anonymous_one_becomes_it():
    buyer, lamp = customer(), product()
    made = cart((lamp.product_id, 2))
    for _ in range(2):
        answer = claim(made.cart_id, buyer)
        assert (answer.cart_id, answer.outcome) == (made.cart_id, "CLAIMED")
    assert ask(GetCart(cart_id=made.cart_id)).customer_id == buyer
    (fact,) = Message.objects.filter(name="CartClaimed").values_list("payload", flat=True)
    assert (fact["cartId"], fact["customerId"], fact.get("mergedInto")) == (str(made.cart_id), str(buyer), None)


def test_quantities_are_added_to_the_cart_that_is_there():
    buyer, lamp, chair = customer(), product(), product()
    own = cart((lamp.product_id, 1), customer_id=buyer)
    made = cart((lamp.product_id, 2), (chair.product_id, 3))
    for _ in range(2):
        answer = claim(made.cart_id, buyer)
        assert (answer.cart_id, answer.outcome, answer.capped_product_ids) == (own.cart_id, "MERGED", None)
    assert contents(own.cart_id) == sorted([(str(lamp.product_id), 3), (str(chair.product_id), 3)])
    given_up = Cart.objects.get(pk=made.cart_id)
    assert (given_up.status, given_up.merged_into, given_up.items.count()) == ("ABANDONED", own.cart_id, 0)
    assert not Message.objects.filter(name="CartAbandoned").exists()
    assert check_out(own.cart_id, buyer).subtotal > 0


def test_a_sum_is_capped_at_what_a_cart_holds_and_says_so():
    buyer, lamp = customer(), product()
    own = cart((lamp.product_id, MOST_PER_PRODUCT), customer_id=buyer)
    answer = claim(cart((lamp.product_id, 1)).cart_id, buyer)
    assert (answer.outcome, answer.capped_product_ids) == ("MERGED", [lamp.product_id])
    assert contents(own.cart_id) == [(str(lamp.product_id), MOST_PER_PRODUCT)]


def test_carts_in_two_currencies_stay_two():
    buyer = customer()
    own = cart((product().product_id, 1), customer_id=buyer)
    made = cart((product(currency="USD").product_id, 1))
    answer = claim(made.cart_id, buyer)
    assert (answer.cart_id, answer.outcome) == (made.cart_id, "KEPT_APART")
    assert answer.message == "Your other cart is in EUR, this one is in USD."
    assert len(contents(own.cart_id)) == len(contents(made.cart_id)) == 1
    assert set(Cart.objects.values_list("customer_id", "status")) == {(buyer, "OPEN")}


def test_an_empty_cart_of_ones_own_takes_the_currency_of_the_other():
    buyer, lamp = customer(), product(currency="USD")
    own = cart(customer_id=buyer, currency="EUR")
    assert claim(cart((lamp.product_id, 1)).cart_id, buyer).cart_id == own.cart_id
    assert add(own.cart_id, lamp.product_id).currency == "USD"


def test_carts_that_would_hold_too_much_stay_two():
    buyer = customer()
    own, made = cart(customer_id=buyer), cart()
    for view, count in ((own, 120), (made, 81)):
        CartItem.objects.bulk_create(CartItem(cart_id=view.cart_id, product_id=uuid4(), quantity=1) for _ in range(count))
    answer = claim(made.cart_id, buyer)
    assert answer.outcome == "KEPT_APART"
    assert CartItem.objects.filter(cart=own.cart_id).count() == 120


def test_somebody_elses_cart_is_never_touched():
    ada, bob, lamp = customer(), customer(), product()
    theirs = cart((lamp.product_id, 1), customer_id=bob)
    for cart_id in (theirs.cart_id, uuid4()):
        with pytest.raises(Missing):
            claim(cart_id, ada)
    assert ask(GetCart(cart_id=theirs.cart_id)).customer_id == bob


def test_a_cart_that_is_over_is_refused():
    made = cart((product().product_id, 1))
    Cart.objects.filter(pk=made.cart_id).update(status="ABANDONED")
    with pytest.raises(Refused) as refused:
        claim(made.cart_id, customer())
    assert refused.value.code == "cart_not_open"


def test_a_login_brings_the_cart_along(client):
    ada, lamp = register(client), product()
    made = cart((lamp.product_id, 1))
    answer = post(client, "/oauth/token", {"email": ada["email"], "password": PASSWORD, "cartId": str(made.cart_id)})
    assert answer.json()["cart"] == {"cartId": str(made.cart_id), "outcome": "CLAIMED"}
    assert str(ask(GetCart(cart_id=made.cart_id)).customer_id) == ada["customerId"]


def test_a_cart_that_cannot_be_claimed_keeps_nobody_from_logging_in(client):
    ada, theirs = register(client), cart(customer_id=customer())
    for cart_id in (theirs.cart_id, uuid4()):
        answer = post(client, "/oauth/token", {"email": ada["email"], "password": PASSWORD, "cartId": str(cart_id)})
        assert answer.status_code == 200
        assert answer.json()["cart"] == {"cartId": str(cart_id), "outcome": "REFUSED", "message": "There is no such cart."}


def test_a_failed_login_claims_nothing(client):
    ada, made = register(client), cart()
    assert (
        post(client, "/oauth/token", {"email": ada["email"], "password": "wrong", "cartId": str(made.cart_id)}).status_code == 401
    )
    assert Cart.objects.get().customer_id is None


def test_whoever_is_logged_in_claims_a_cart_too(client):
    ada, made = person(client), cart()
    body = {"customerId": str(uuid4())}
    assert post(client, f"/carts/{made.cart_id}/claim", body).status_code == 401
    answer = post(client, f"/carts/{made.cart_id}/claim", body, **bearer(ada.token))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "CLAIMED")
    assert str(Cart.objects.get().customer_id) == ada.id
    for wrong in ("x", str(uuid4())):
        assert post(client, f"/carts/{wrong}/claim", {}, **bearer(ada.token)).status_code in (400, 404)


@pytest.mark.django_db(transaction=True)
def test_claimed_by_many_at_once_a_cart_is_one_customers_and_nothing_is_counted_twice():
    lamp = product()
    made, buyers, answers = cart((lamp.product_id, 2)), [customer() for _ in range(4)], []
    own = {buyer: cart((lamp.product_id, 1), customer_id=buyer).cart_id for buyer in buyers}

    def take(buyer):
        try:
            answers.append((buyer, claim(made.cart_id, buyer).outcome))
        except Refused as refused:
            answers.append((buyer, refused.code))

    queue = [*buyers, *buyers]
    run_threads(8, lambda: take(queue.pop()))
    winners = {buyer for buyer, outcome in answers if outcome == "MERGED"}
    assert len(winners) == 1
    assert {outcome for buyer, outcome in answers if buyer not in winners} == {"cart_not_found"}
    quantities = {buyer: contents(cart_id)[0][1] for buyer, cart_id in own.items()}
    assert sorted(quantities.values()) == [1, 1, 1, 3]
    assert quantities[winners.pop()] == 3
