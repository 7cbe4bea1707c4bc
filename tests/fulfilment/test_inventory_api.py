"""Stock and reservations over HTTP: for staff and services only, refused in one shape, nothing half-done."""

from typing import Any

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from fulfilment.inventory.models import Reservation, StockMovement
from tests.fulfilment.builders import assert_adds_up, figures, held, status_of, stocked
from tests.http.calls import log_in as customer_token
from tests.http.calls import post, register, send
from tests.http.endpoints import service_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> dict[str, str]:
    return service_token("inventory:write")


def body(*wanted: tuple[object, Any], **more: object) -> dict[str, object]:
    items = [{"productId": str(product_id), "quantity": quantity} for product_id, quantity in wanted]
    return {"cartId": str(uuid7()), "items": items, **more}


def test_reserve_look_and_release(client: Client, service: dict[str, str]):
    tea = stocked(10)

    reserved = post(client, "/reservations", body((tea, 3)), **service)
    level = send(client, "GET", f"/stock/{tea}", **service)
    reservation_id = reserved.json()["reservationId"]
    released = post(client, f"/reservations/{reservation_id}/release", {"reason": "CHECKOUT_FAILED"}, **service)

    assert (reserved.status_code, level.status_code, released.status_code) == (201, 200, 200)
    assert reserved.json()["status"] == "HELD"
    assert reserved.json()["items"] == [{"productId": str(tea), "quantity": 3}]
    assert level.json() == {
        "productId": str(tea),
        "available": 7,
        "reserved": 3,
        "onHand": 10,
        "lowStockThreshold": 0,
    }
    assert released.json()["status"] == "RELEASED"
    assert figures(tea) == (10, 0, 10)
    assert StockMovement.objects.get(kind="RELEASED").actor == "service:probe"
    assert_adds_up()


def test_more_than_there_is_gets_a_409_with_the_shortage(client: Client, service: dict[str, str]):
    tea = stocked(2)

    answer = post(client, "/reservations", body((tea, 3)), **service)

    assert answer.status_code == 409
    assert answer.json()["code"] == "out_of_stock"
    assert str(tea) in answer.content.decode()
    assert Reservation.objects.count() == 0
    assert_adds_up()


def test_releasing_twice_is_answered_twice_and_done_once(client: Client, service: dict[str, str]):
    tea = stocked(5)
    reservation = held((tea, 5))

    answers = [post(client, f"/reservations/{reservation.id}/release", **service) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert figures(tea) == (5, 0, 5)
    assert_adds_up()


@pytest.mark.parametrize("path", ["/stock/{id}", "/reservations/{id}/release"])
def test_an_unknown_id_is_a_404_and_leaves_no_tombstone(client: Client, service: dict[str, str], path: str):
    method = "GET" if path.startswith("/stock") else "POST"

    answer = send(client, method, path.format(id=uuid7()), **service)
    malformed = send(client, method, path.format(id="not-a-uuid"), **service)

    assert answer.status_code == 404
    assert malformed.status_code in {400, 404}
    assert {"code", "message"} <= answer.json().keys()
    assert Reservation.objects.count() == 0


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, "1", None, 2**31, 2**70, [], {}])
def test_a_quantity_that_is_none_changes_nothing(client: Client, service: dict[str, str], quantity: object):
    tea = stocked(5)

    answer = post(client, "/reservations", body((tea, quantity)), **service)

    assert answer.status_code == 400
    assert {"code", "message"} <= answer.json().keys()
    assert figures(tea) == (5, 0, 5)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"cartId": str(uuid7())},
        {"cartId": str(uuid7()), "items": []},
        {"cartId": "x\u0000", "items": []},
        {"cartId": str(uuid7()), "items": {}},
        {"cartId": str(uuid7()), "items": [{"productId": str(uuid7()), "quantity": 1}] * 201},
        [],
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_body_that_makes_no_sense_is_a_400(client: Client, service: dict[str, str], broken: object):
    answer = post(client, "/reservations", broken, **service)

    assert answer.status_code == 400
    assert Reservation.objects.count() == 0


def test_the_same_product_many_times_is_summed(client: Client, service: dict[str, str]):
    tea = stocked(10)

    within = post(client, "/reservations", body(*[(tea, 2)] * 5), **service)
    beyond = post(client, "/reservations", body(*[(tea, 2**31 - 1)] * 200), **service)

    assert (within.status_code, beyond.status_code) == (201, 409)
    assert figures(tea) == (10, 10, 0)


def test_an_idempotency_key_reserves_once(client: Client, service: dict[str, str]):
    tea = stocked(10)
    wish = body((tea, 2), reservationId=str(uuid7()))

    answers = [post(client, "/reservations", wish, Idempotency_Key="one", **service) for _ in range(2)]
    other = post(client, "/reservations", body((tea, 3)), Idempotency_Key="one", **service)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert other.status_code == 422
    assert figures(tea) == (10, 2, 8)


@pytest.mark.parametrize("who", ["nobody", "a customer", "a service without the scope", "a service that may only read"])
def test_others_may_not(client: Client, who: str):
    tea = stocked(10)
    reservation = held((tea, 2))
    headers = headers_of(client, who)

    answers = [
        post(client, "/reservations", body((tea, 1)), **headers),
        post(client, f"/reservations/{reservation.id}/release", **headers),
    ]
    level = send(client, "GET", f"/stock/{tea}", **headers)

    assert all(answer.status_code in {401, 403} for answer in answers)
    assert level.status_code == (200 if "only read" in who else answers[0].status_code)
    assert status_of(reservation.id) == "HELD"
    assert figures(tea) == (10, 2, 8)


def headers_of(client: Client, who: str) -> dict[str, str]:
    if who == "nobody":
        return {}
    if who == "a customer":
        register(client)
        return {"Authorization": f"Bearer {customer_token(client)}"}
    return service_token("inventory:read" if "only read" in who else "catalog:write")
