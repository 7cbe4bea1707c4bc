"""What a checkout costs in statements: a number, whatever is in the cart."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.carts.carts import cart, check_out, customer, with_address
from tests.catalog.products import product
from tests.http.calls import bearer, log_in, post, register
from tests.promotions.promotions import promotion

pytestmark = pytest.mark.django_db(transaction=True)

TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def full(size):
    return cart(*((product().product_id, 2) for _ in range(size))).cart_id


def statements_of(action):
    """What Postgres has to do besides opening and closing the transaction."""
    with CaptureQueriesContext(connection) as captured:
        action()
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(TRANSACTIONS)]


def costs(most, action_for):
    """The action for a cart of one product and of forty costs the same, and no more than ``most``."""
    few, many = (statements_of(action_for(full(size))) for size in (1, 40))
    assert len(few) == len(many) <= most, "\n".join(few)


def test_a_checkout():
    buyer = customer()
    with_address(buyer, "Default street")
    costs(9, lambda cart_id: lambda: check_out(cart_id, buyer))


def test_a_checkout_with_promotions_that_are_limited():
    buyer = customer()
    with_address(buyer, "Default street")
    for number in range(3):
        promotion(name=f"P{number}", total_limit=9, per_customer_limit=9, customer_segment="NEW", stackable=True)
    costs(14, lambda cart_id: lambda: check_out(cart_id, buyer))


def test_a_checkout_over_http(client):
    number = register(client)["customerId"]
    session = bearer(log_in(client))
    with_address(UUID(number), "Default street")

    def posting(cart_id):
        return lambda: post(client, f"/carts/{cart_id}/checkout", {"customerId": number}, **session)

    costs(10, posting)
