from uuid import uuid4

import pytest

from catalog.products.models import Product
from shop.contracts.products import DeleteProduct
from shop.messaging.bus import execute
from shop.messaging.models import Message
from tests.catalog.products import product
from tests.http.calls import bearer, log_in, post, register, send
from tests.http.endpoints import service_token

pytestmark = pytest.mark.django_db

LAMP = {"sku": "LAMP-1", "name": "Lamp", "price": 1250, "currency": "EUR", "status": "ACTIVE"}


def test_a_service_creates_changes_and_deletes_and_the_public_reads(client):
    service = service_token("catalog:write")
    created = post(client, "/products", LAMP, **service)
    assert created.status_code == 201
    address = f"/products/{created.json()['productId']}"
    assert client.get(address).json() == LAMP | {"productId": created.json()["productId"]}
    changed = send(client, "PATCH", address, {"price": 999}, **service)
    assert (changed.status_code, changed.json()["price"]) == (200, 999)
    deleted = send(client, "DELETE", f"{address}?reason=DISCONTINUED", **service)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert client.get(address).status_code == send(client, "DELETE", address, **service).status_code == 404
    assert Message.objects.filter(name="ProductDeleted", actor="service:probe").count() == 1


def test_a_sku_in_use_is_a_conflict(client):
    service = service_token("catalog:write")
    post(client, "/products", LAMP, **service)
    again = post(client, "/products", LAMP | {"name": "Other"}, **service)
    assert (again.status_code, again.json()["code"]) == (409, "sku_taken")
    assert Product.objects.count() == 1


def test_what_is_not_sold_exists_only_for_our_own_people(client):
    deleted = product()
    execute(DeleteProduct(product_id=deleted.product_id))
    never = client.get(f"/products/{uuid4()}")
    customer = (register(client), bearer(log_in(client)))[1]
    other_service = service_token("inventory:read")
    for hidden in (product(status="DRAFT"), product(status="ARCHIVED"), deleted):
        address = f"/products/{hidden.product_id}"
        for who in ({}, customer, other_service):
            seen = client.get(address, headers=who)
            assert (seen.status_code, seen.content) == (404, never.content)


@pytest.mark.parametrize("status", ["DRAFT", "ARCHIVED"])
def test_our_own_people_see_what_is_not_sold(client, status):
    hidden = product(status=status)
    seen = client.get(f"/products/{hidden.product_id}", headers=service_token("catalog:read"))
    assert (seen.status_code, seen.json()["status"]) == (200, status)


def test_nobody_else_may_change_products(client):
    made = product()
    customer = (register(client), bearer(log_in(client)))[1]
    address = f"/products/{made.product_id}"
    for who, status in (({}, 401), (customer, 403), (service_token("catalog:read"), 403)):
        answers = [
            post(client, "/products", LAMP, **who),
            send(client, "PATCH", address, {"price": 1}, **who),
            send(client, "DELETE", address, **who),
        ]
        assert [answer.status_code for answer in answers] == [status] * 3
    assert Product.objects.get().price == made.price


def test_fields_a_client_has_no_say_in_stay_as_they_are(client):
    made = product()
    body = {"sku": "STOLEN", "sequence": 99, "deletedAt": "2026-01-01T00:00:00Z", "productId": str(uuid4())}
    answer = send(client, "PATCH", f"/products/{made.product_id}", body, **service_token("catalog:write"))
    assert answer.json() == made.data()
    stored = Product.objects.get()
    assert (stored.sku, stored.sequence, stored.deleted_at) == (made.sku, 1, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": -1},
        {"price": 2**70},
        {"price": 10**13},
        {"price": "5"},
        {"price": 5.0},
        {"currency": "euro"},
        {"sku": "x" * 201},
        {"name": ""},
        {"status": "SOLD"},
    ],
)
def test_bad_products_are_refused(client, wrong):
    answer = post(client, "/products", LAMP | wrong, **service_token("catalog:write"))
    assert answer.status_code == 400
    assert next(iter(wrong)) in answer.json()["errors"]
    assert not Product.objects.exists()
