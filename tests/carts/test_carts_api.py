from uuid import uuid4

import pytest

from shop.carts.models import Cart, CartItem
from shop.messaging.models import Message
from tests.carts.carts import cart, customer
from tests.catalog.products import product
from tests.http.calls import bearer, log_in, post, register, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    """A customer's id and the header of her session."""
    number = register(client)["customerId"]
    return number, bearer(log_in(client))


def filled(client, **headers):
    made = post(client, "/carts", {}, **headers).json()["cartId"]
    lamp = product(price=500)
    answer = post(client, f"/carts/{made}/items", {"productId": str(lamp.product_id), "quantity": 2}, **headers)
    assert answer.status_code == 200
    return made, lamp


def test_from_an_empty_cart_to_an_accepted_checkout(client, ada):
    number, session = ada
    made = post(client, "/carts", {})
    assert made.status_code == 201
    address = f"/carts/{made.json()['cartId']}"
    lamp, chair = product(price=500), product(price=300)
    for thing in (lamp, chair):
        post(client, f"{address}/items", {"productId": str(thing.product_id), "quantity": 2})
    removed = send(client, "DELETE", f"{address}/items/{chair.product_id}?quantity=1")
    assert (removed.status_code, removed.json()["subtotal"]) == (200, 1300)
    assert client.get(address).json() == removed.json()
    accepted = post(client, f"{address}/checkout", {"customerId": number}, **session)
    assert accepted.status_code == 200
    assert accepted.json() | {"checkoutSessionId": ""} == {
        "checkoutSessionId": "",
        "cartId": made.json()["cartId"],
        "status": "PROCESSING",
        "subtotal": 1300,
        "discount": 0,
        "total": 1300,
        "currency": "EUR",
        "appliedPromotions": [],
    }
    again = post(client, f"{address}/checkout", {"customerId": number}, **session)
    assert (again.status_code, again.json()) == (200, accepted.json())
    assert Message.objects.get(name="CartCheckedOut").actor == f"customer:{number}"


def test_a_cart_made_while_logged_in_is_ones_own(client, ada):
    number, session = ada
    assert post(client, "/carts", {}, **session).json()["customerId"] == number


@pytest.mark.parametrize("logged_in", [True, False])
def test_nobody_makes_a_cart_in_somebody_elses_name(client, ada, logged_in):
    body = {"customerId": str(customer())}
    answer = post(client, "/carts", body, **(ada[1] if logged_in else {}))
    assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")
    assert not Cart.objects.exists()


def test_checking_out_takes_a_customers_token(client, ada):
    made, _ = filled(client)
    answer = post(client, f"/carts/{made}/checkout", {"customerId": ada[0]})
    assert answer.status_code == 401
    assert Cart.objects.get().status == "OPEN"


def test_checking_out_in_somebody_elses_name_is_refused(client, ada):
    made, _ = filled(client)
    answer = post(client, f"/carts/{made}/checkout", {"customerId": str(customer())}, **ada[1])
    assert answer.status_code == 404
    assert Cart.objects.get().status == "OPEN"


def test_somebody_elses_cart_is_exactly_like_none(client, ada):
    number, session = ada
    theirs = cart((product().product_id, 1), customer_id=customer()).cart_id
    answers = [post(client, f"/carts/{cart_id}/checkout", {"customerId": number}, **session) for cart_id in (theirs, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_prices_and_states_a_client_sends_are_not_looked_at(client, ada):
    number, session = ada
    made, lamp = filled(client)
    post(
        client,
        f"/carts/{made}/items",
        {"productId": str(lamp.product_id), "quantity": 1, "unitPrice": 1, "cartId": str(uuid4())},
    )
    body = {"customerId": number, "total": 1, "subtotal": 1, "discount": 999, "items": [], "checkoutSessionId": number}
    answer = post(client, f"/carts/{made}/checkout", body, **session).json()
    assert (answer["total"], answer["discount"]) == (1500, 0)
    assert answer["checkoutSessionId"] != number


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, "1", 2**31, 2**70, 10_000, None])
def test_bad_quantities_are_refused(client, quantity):
    made, lamp = filled(client)
    answer = post(client, f"/carts/{made}/items", {"productId": str(lamp.product_id), "quantity": quantity})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"quantity"})
    assert CartItem.objects.get().quantity == 2


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "true", "9" * 30, ""])
def test_bad_quantities_to_remove_are_refused(client, quantity):
    made, lamp = filled(client)
    answer = send(client, "DELETE", f"/carts/{made}/items/{lamp.product_id}?quantity={quantity}")
    assert answer.status_code == 400
    assert CartItem.objects.get().quantity == 2


@pytest.mark.parametrize("cart_id", ["1", "%00", "not-a-uuid", "x" * 3000])
def test_ids_that_are_none_are_refused(client, cart_id):
    body = {"productId": str(uuid4()), "quantity": 1}
    assert client.get(f"/carts/{cart_id}").status_code in {400, 404}
    assert post(client, f"/carts/{cart_id}/items", body).status_code in {400, 404}


def test_an_idempotency_key_adds_once(client):
    made, lamp = filled(client)
    body = {"productId": str(lamp.product_id), "quantity": 3}
    answers = [post(client, f"/carts/{made}/items", body, Idempotency_Key="once") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert CartItem.objects.get().quantity == 5
