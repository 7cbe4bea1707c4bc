"""The address book: at most twenty entries, and always one default as long as there is any."""

import threading
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.contracts.addresses import Address
from shop.contracts.customers import AddCustomerAddress, RemoveCustomerAddress, UpdateCustomerAddress
from shop.customers.models import CustomerAddress, CustomerProfile
from shop.messaging.bus import execute
from shop.messaging.errors import Missing, Refused
from tests.customers.people import ADDRESS, customer

pytestmark = pytest.mark.django_db

PLACE = Address(line1="1 Main St", city="Ulm", postal_code="89073", country_code="DE")


def profile(email: str = "ada@example.com") -> CustomerProfile:
    return CustomerProfile.objects.create(id=uuid4(), email=email, email_key=email)


def test_the_first_address_is_the_default(client: Client) -> None:
    ada = customer(client)
    first, second = ada.add_address(), ada.add_address()
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() | ADDRESS == first.json()
    assert [entry["isDefault"] for entry in ada.book()] == [True, False]


def test_a_new_default_takes_over(client: Client) -> None:
    ada = customer(client)
    ada.add_address()
    second = ada.add_address(isDefault=True).json()["addressId"]
    assert [entry["addressId"] for entry in ada.book() if entry["isDefault"]] == [second]
    third = ada.add_address().json()["addressId"]
    ada.send("PATCH", f"{ada.path}/addresses/{third}", {"isDefault": True})
    assert [entry["addressId"] for entry in ada.book() if entry["isDefault"]] == [third]


def test_an_address_is_replaced_as_a_whole(client: Client) -> None:
    ada = customer(client)
    entry = ada.send("POST", f"{ada.path}/addresses", {"address": {**ADDRESS, "line2": "c/o"}}).json()["addressId"]
    answer = ada.send("PATCH", f"{ada.path}/addresses/{entry}", {"address": {**ADDRESS, "city": "Bonn"}})
    assert answer.status_code == 200
    assert answer.json()["city"] == "Bonn"
    assert "line2" not in ada.book()[0]


def test_removing_the_default_makes_the_oldest_the_default(client: Client) -> None:
    ada = customer(client)
    entries = [ada.add_address().json()["addressId"] for _ in range(3)]
    assert ada.send("DELETE", f"{ada.path}/addresses/{entries[0]}").status_code == 204
    assert [entry["addressId"] for entry in ada.book() if entry["isDefault"]] == [entries[1]]
    assert ada.send("DELETE", f"{ada.path}/addresses/{entries[0]}").status_code == 404


def test_the_twenty_first_is_refused(client: Client) -> None:
    ada = customer(client)
    assert {ada.add_address().status_code for _ in range(20)} == {201}
    full = ada.add_address()
    assert (full.status_code, full.json()["code"]) == (409, "address_book_full")
    assert len(ada.book()) == 20


@pytest.mark.django_db(transaction=True)
def test_a_book_filled_at_once_is_not_overfilled_and_has_one_default() -> None:
    ada, start, refused = profile(), threading.Barrier(24), []

    def add() -> None:
        start.wait()
        try:
            execute(AddCustomerAddress(customer_id=ada.pk, address=PLACE, is_default=True))
        except Refused as refusal:
            refused.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=add) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["address_book_full"] * 4
    assert CustomerAddress.objects.count() == 20
    assert CustomerAddress.objects.filter(is_default=True).count() == 1


def test_a_repeat_under_the_same_id_finds_the_same_address() -> None:
    ada, bob, chosen = profile(), profile("bob@example.com"), uuid4()
    command = AddCustomerAddress(customer_id=ada.pk, address_id=chosen, address=PLACE)
    assert execute(command) == execute(command)
    assert CustomerAddress.objects.count() == 1
    with pytest.raises(Refused):
        execute(AddCustomerAddress(customer_id=bob.pk, address_id=chosen, address=PLACE))


def test_another_customers_entry_is_not_there() -> None:
    ada, bob = profile(), profile("bob@example.com")
    entry = execute(AddCustomerAddress(customer_id=bob.pk, address=PLACE)).address_id
    with pytest.raises(Missing):
        execute(UpdateCustomerAddress(customer_id=ada.pk, address_id=entry, is_default=False))
    with pytest.raises(Missing):
        execute(RemoveCustomerAddress(customer_id=ada.pk, address_id=entry))
    assert CustomerAddress.objects.get().is_default


STEPS = st.tuples(st.sampled_from(["add", "remove", "default", "not default"]), st.integers(0, 5), st.booleans())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_is_done_a_book_has_exactly_one_default_unless_it_is_empty(db: None, steps: list[tuple[str, int, bool]]) -> None:
    ada = profile(f"{uuid4()}@example.com").pk
    for verb, which, default in steps:
        entries = list(CustomerAddress.objects.filter(customer=ada).order_by("id").values_list("id", flat=True))
        entry = entries[which % len(entries)] if entries else None
        if verb == "add" or entry is None:
            execute(AddCustomerAddress(customer_id=ada, address=PLACE, is_default=default))
        elif verb == "remove":
            execute(RemoveCustomerAddress(customer_id=ada, address_id=entry))
        else:
            execute(UpdateCustomerAddress(customer_id=ada, address_id=entry, is_default=verb == "default"))
        book = CustomerAddress.objects.filter(customer=ada)
        assert book.filter(is_default=True).count() == min(1, book.count())
