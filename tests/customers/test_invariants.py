from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from shop.contracts.customers import UpdateCustomer
from shop.contracts.personal_data import EraseCustomer
from shop.customers.invariants import customer_violations
from shop.messaging.bus import execute
from tests.customers.people import Person, customer
from tests.journeys.shop import deliver

pytestmark = pytest.mark.django_db(transaction=True)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def rules() -> set[str]:
    return {found.rule for found in customer_violations()}


@pytest.fixture
def erased(client: Client) -> Person:
    ada = customer(client)
    execute(EraseCustomer(customer_id=UUID(ada.id), reason="asked for it"))
    deliver()
    sql("UPDATE shop_erasure SET requested_at = now() - interval '5 minutes'")
    return ada


def test_a_closed_customer_who_is_logged_in_is_found(client: Client) -> None:
    ada = customer(client)
    execute(UpdateCustomer(customer_id=UUID(ada.id), status="CLOSED"))
    assert rules() == set()
    sql("UPDATE shop_authenticationsession SET revoked_at = NULL")
    assert rules() == {"who may not log in is not logged in"}


REMAINS: dict[str, Callable[[str], str]] = {
    "a profile": lambda customer_id: (
        f"""INSERT INTO shop_customerprofile (id, email, email_key, name, status)
                                        VALUES ('{customer_id}', 'a', 'a', '', 'ACTIVE')"""
    ),
    "an open cart": lambda customer_id: (
        f"""INSERT INTO shop_cart (id, customer_id, currency, status, version, applied_promotions)
                                           VALUES (gen_random_uuid(), '{customer_id}', '', 'OPEN', 0, '{{}}')"""
    ),
    "an answer": lambda customer_id: (
        f"""INSERT INTO shop_idempotencykey (scope, key, fingerprint, status, customer_id)
                                        VALUES ('s', 'k', 'f', 201, '{customer_id}')"""
    ),
}


@pytest.mark.parametrize("what", REMAINS)
def test_what_is_left_of_an_erased_customer_is_found(erased: Person, what: str) -> None:
    assert rules() == set()
    sql(REMAINS[what](erased.id))
    assert rules() == {"an erased customer is gone"}


def test_a_message_that_still_says_who_it_was_is_found(erased: Person) -> None:
    sql("""UPDATE messaging_message SET payload = jsonb_set(payload, '{customer,email}', '"ada@example.com"')
           WHERE name = 'CustomerRegistered'""")
    assert rules() == {"an erased customer's messages are redacted"}
