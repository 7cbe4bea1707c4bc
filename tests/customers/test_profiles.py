"""Registration and the profile: one e-mail address, one customer; facts are published once, and only what changed."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from shop.contracts.customers import RegisterCustomer, UpdateCustomer
from shop.customers.emails import email_key
from shop.customers.models import CustomerAccount, CustomerProfile
from shop.messaging.bus import execute
from shop.messaging.errors import Refused
from shop.messaging.models import Message
from tests.customers.people import customer, try_to_log_in
from tests.http.calls import PASSWORD, bearer, post, register, send
from tests.http.endpoints import service_token

pytestmark = pytest.mark.django_db


def facts(name: str) -> list[dict[str, Any]]:
    return list(Message.objects.filter(name=name).order_by("id").values_list("payload", flat=True))


def test_registering_makes_a_customer_and_says_so(client: Client) -> None:
    answer = post(client, "/customers", {"email": "Ada@Example.com", "name": "Ada", "password": PASSWORD})
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"customerId", "email", "name", "status", "registeredAt"}
    assert (body["email"], body["status"]) == ("Ada@Example.com", "ACTIVE")
    (fact,) = facts("CustomerRegistered")
    assert fact["customer"]["customerId"] == body["customerId"]
    assert fact["occurredAt"] == body["registeredAt"]


def test_the_password_is_hashed_with_argon2_and_is_nowhere_else(client: Client) -> None:
    register(client)
    assert CustomerAccount.objects.get().password.startswith("argon2$argon2id$")
    assert PASSWORD not in str(list(Message.objects.values()))
    assert PASSWORD not in str(list(CustomerProfile.objects.values()))
    (command,) = facts("RegisterCustomer")
    assert set(command["password"]) == {"*"}


@pytest.mark.parametrize("again", ["ada@example.com", "ADA@example.COM", "Ada@Example.com", "\uff41da@example.com"])
def test_an_address_is_taken_in_every_spelling(client: Client, again: str) -> None:
    register(client)
    answer = post(client, "/customers", {"email": again, "password": PASSWORD})
    assert answer.status_code == 409
    assert answer.json()["code"] == "email_taken"
    assert CustomerProfile.objects.count() == 1
    assert len(facts("CustomerRegistered")) == len(facts("RegisterCustomer")) == 1


def test_keys_of_different_people_differ() -> None:
    assert len({email_key(email) for email in ("a@x.de", "A@X.de", "b@x.de", "a@y.de")}) == 3
    assert email_key("STRASSE@x.de") == email_key("straße@x.de")
    assert email_key(email_key("ǅ@x.de")) == email_key("ǅ@x.de")


@pytest.mark.parametrize("method", ["register", "log in"])
def test_an_address_that_grows_too_long_is_refused(client: Client, method: str) -> None:
    email = "\ufdfa" * 100 + "@example.com"
    path = "/customers" if method == "register" else "/oauth/token"
    answer = post(client, path, {"email": email, "password": PASSWORD})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["email"])


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_address() -> None:
    start, made, refused = threading.Barrier(8), [], []

    def submit(number: int) -> None:
        start.wait()
        try:
            made.append(execute(RegisterCustomer(email=f"{'aA'[number % 2]}da@example.com", password=PASSWORD)))
        except Refused as refusal:
            refused.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert refused == ["email_taken"] * 7
    assert CustomerProfile.objects.count() == CustomerAccount.objects.count() == 1


def test_only_what_changed_is_published(client: Client) -> None:
    ada = customer(client)
    answer = ada.send("PATCH", ada.path, {"name": "Ada Lovelace", "email": ada.email})
    assert answer.status_code == 200
    assert answer.json()["name"] == "Ada Lovelace"
    (fact,) = facts("CustomerUpdated")
    assert fact["changes"] == {"name": "Ada Lovelace"}
    assert ada.send("PATCH", ada.path, {"name": "Ada Lovelace"}).status_code == 200
    assert ada.send("PATCH", ada.path, {}).status_code == 200
    assert len(facts("CustomerUpdated")) == 1


def test_an_operator_changes_an_address_and_it_is_what_logs_in_from_now_on(client: Client) -> None:
    ada = customer(client)
    operator = service_token("customers:write")
    assert send(client, "PATCH", ada.path, {"email": "countess@example.com"}, **operator).status_code == 200
    assert try_to_log_in(client, "countess@example.com").status_code == 200
    assert try_to_log_in(client, "ada@example.com").status_code == 401


def test_a_customer_changes_the_address_only_with_the_password(client: Client) -> None:
    ada = customer(client)
    answer = ada.send("PATCH", ada.path, {"email": "countess@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (403, "password_needed")
    assert ada.get(ada.path).json()["email"] == "ada@example.com"


def test_somebody_elses_address_is_refused_and_nothing_changes(client: Client) -> None:
    register(client, "bob@example.com")
    ada = customer(client)
    answer = send(client, "PATCH", ada.path, {"email": "BOB@example.com", "name": "Bob"}, **service_token("customers:write"))
    assert answer.status_code == 409
    assert ada.get(ada.path).json()["email"] == "ada@example.com"
    assert "name" not in ada.get(ada.path).json()
    assert not facts("CustomerUpdated")


def test_what_a_client_may_not_set_stays_as_it_is(client: Client) -> None:
    evil = {
        "customerId": str(uuid4()),
        "customer_id": str(uuid4()),
        "id": str(uuid4()),
        "status": "CLOSED",
        "registeredAt": "1999-01-01T00:00:00Z",
        "emailKey": "x",
        "isStaff": True,
    }
    ada = register(client, **evil)
    row = CustomerProfile.objects.get()
    assert str(row.pk) == ada["customerId"] != evil["customerId"]
    assert (row.status, row.email_key) == ("ACTIVE", "ada@example.com")
    assert row.registered_at.year > 1999
    person = customer(client, "bob@example.com")
    bob = CustomerProfile.objects.get(pk=person.id)
    assert person.send("PATCH", person.path, {**evil, "status": None}).status_code == 400
    evil.pop("status")
    assert person.send("PATCH", person.path, {**evil, "name": "B"}).status_code == 200
    after = CustomerProfile.objects.get(pk=person.id)
    assert (after.registered_at, after.status, after.email_key) == (bob.registered_at, "ACTIVE", "bob@example.com")


def test_nobody_changes_his_own_status(client: Client) -> None:
    ada = customer(client)
    assert ada.send("PATCH", ada.path, {"status": "CLOSED"}).status_code == 403
    assert CustomerProfile.objects.get().status == "ACTIVE"


@pytest.mark.parametrize("status", ["SUSPENDED", "CLOSED"])
def test_whoever_is_suspended_or_closed_is_logged_out_and_stays_out(client: Client, status: str) -> None:
    ada = customer(client)
    operator = service_token("customers:write")
    assert send(client, "PATCH", ada.path, {"status": status}, **operator).json()["status"] == status
    assert ada.get(ada.path).status_code == 401
    assert ada.send("POST", f"/carts/{uuid4()}/checkout", {"customerId": ada.id}).status_code == 401
    assert try_to_log_in(client, ada.email).status_code == 401
    (fact,) = facts("CustomerUpdated")
    assert fact["changes"] == {"status": status}


def test_a_reactivated_customer_has_to_log_in_anew(client: Client) -> None:
    ada = customer(client)
    operator = service_token("customers:write")
    for status in ("SUSPENDED", "ACTIVE"):
        send(client, "PATCH", ada.path, {"status": status}, **operator)
    assert ada.get(ada.path).status_code == 401
    assert try_to_log_in(client, ada.email).status_code == 200


def test_closed_is_for_good(client: Client) -> None:
    ada = customer(client)
    operator = service_token("customers:write")
    send(client, "PATCH", ada.path, {"status": "CLOSED"}, **operator)
    for change in ({"status": "ACTIVE"}, {"name": "Zombie"}):
        answer = send(client, "PATCH", ada.path, change, **operator)
        assert (answer.status_code, answer.json()["code"]) == (409, "customer_closed")
    assert post(client, "/customers", {"email": ada.email, "password": PASSWORD}).status_code == 409


def test_the_same_update_twice_is_one(client: Client) -> None:
    ada = register(client)
    for _ in range(2):
        execute(UpdateCustomer(customer_id=CustomerProfile.objects.get().pk, status="SUSPENDED"))
    assert len(facts("CustomerUpdated")) == 1
    assert ada["status"] == "ACTIVE"


def test_another_customer_and_none_look_the_same(client: Client) -> None:
    ada, bob = customer(client), customer(client, "bob@example.com")
    entry = bob.add_address().json()["addressId"]
    nobody = f"/customers/{uuid4()}"
    for method, rest, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "x"}),
        ("GET", "/addresses", None),
        ("POST", "/addresses", {"address": {"line1": "x", "city": "y", "postalCode": "z", "countryCode": "DE"}}),
        ("PATCH", f"/addresses/{entry}", {"isDefault": True}),
        ("DELETE", f"/addresses/{entry}", None),
    ):
        theirs, missing = ada.send(method, bob.path + rest, body), ada.send(method, nobody + rest, body)
        assert theirs.status_code == missing.status_code == 404, (method, rest)
        assert theirs.content == missing.content
    assert len(bob.book()) == 1
    assert "name" not in bob.get(bob.path).json()


def test_an_operator_is_told_the_same_about_a_customer_who_is_not_there(client: Client) -> None:
    ada = customer(client)
    theirs = client.get(f"/customers/{uuid4()}", headers=service_token("customers:read"))
    assert (theirs.status_code, theirs.content) == (404, ada.get(f"/customers/{uuid4()}").content)


def test_a_token_is_needed(client: Client) -> None:
    ada = register(client)["customerId"]
    for path in (f"/customers/{ada}", f"/customers/{ada}/addresses"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=bearer("x" * 43)).status_code == 401
