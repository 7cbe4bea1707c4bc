"""Orders and checkouts over HTTP: own ones only, and somebody else's look exactly like none at all."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from ordering.checkout.models import CheckoutSession
from ordering.orders.models import Order
from shop.http.models import ServiceToken
from shop.messaging.bus import execute
from tests.http.calls import bearer, log_in, post, register
from tests.ordering.factories import create_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> tuple[UUID, dict[str, str]]:
    """A customer and the header of her session."""
    customer = register(client)
    return UUID(customer["customerId"]), bearer(log_in(client))


def service(*scopes: str) -> dict[str, str]:
    token = "svc_" + uuid7().hex
    ServiceToken.objects.create(
        name="test",
        sha256=hashlib.sha256(token.encode()).hexdigest(),
        scopes=list(scopes),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    return bearer(token)


def order_of(customer: UUID) -> UUID:
    order_id: UUID = execute(create_order(customer_id=customer)).order_id
    return order_id


def checkout_of(customer: UUID) -> UUID:
    session = CheckoutSession.objects.create(
        id=uuid7(), state="RESERVING_INVENTORY", opening="{}", correlation_id=uuid7(), cart_id=uuid7(),
        customer_id=customer, order_id=uuid7(), reservation_id=uuid7(), payment_id=uuid7(), total=1, currency="EUR",
    )  # fmt: skip
    session_id: UUID = session.id
    return session_id


def get(client: Client, path: str, headers: dict[str, str]) -> Any:
    return client.get(path, headers=headers)


def test_a_customer_sees_its_own(client: Client, ada: tuple[UUID, dict[str, str]]) -> None:
    customer, headers = ada
    order, session = order_of(customer), checkout_of(customer)
    shown = get(client, f"/orders/{order}", headers).json()
    assert (shown["orderId"], shown["status"], shown["lifecycleStatus"]) == (str(order), "CREATED", "CONFIRMED")
    history = get(client, f"/orders/{order}/history", headers).json()
    assert [change["newStatus"] for change in history["changes"]] == ["CONFIRMED"]
    assert get(client, f"/checkouts/{session}", headers).json()["status"] == "PROCESSING"


def test_somebody_elses_is_exactly_like_none(client: Client, ada: tuple[UUID, dict[str, str]]) -> None:
    _, headers = ada
    order, session, nothing = order_of(uuid7()), checkout_of(uuid7()), uuid7()
    for address in ("/orders/{}", "/orders/{}/history"):
        foreign, missing = (get(client, address.format(which), headers) for which in (order, nothing))
        assert (foreign.status_code, foreign.json()) == (404, missing.json())
    foreign, missing = (get(client, f"/checkouts/{which}", headers) for which in (session, nothing))
    assert (foreign.status_code, foreign.json()) == (404, missing.json())


def test_the_list_is_ones_own_whoever_is_asked_for(client: Client, ada: tuple[UUID, dict[str, str]]) -> None:
    customer, headers = ada
    own, other = order_of(customer), uuid7()
    order_of(other)
    for address in ("/orders", f"/orders?customerId={other}"):
        page = get(client, address, headers).json()
        assert [order["orderId"] for order in page["results"]] == [str(own)]
        assert page["total"] == 1


@pytest.mark.parametrize(
    "query", ["pageSize=0", "pageSize=101", "pageSize=1000000000", "page=0", "page=x", "status=LOST", "page=1&page=2"]
)
def test_bad_paging_is_refused(client: Client, ada: tuple[UUID, dict[str, str]], query: str) -> None:
    answer = get(client, f"/orders?{query}", ada[1])
    assert answer.status_code == 400
    assert {"code", "message"} <= set(answer.json())


def test_without_a_token_there_is_nothing_to_see(client: Client) -> None:
    order, session = order_of(uuid7()), checkout_of(uuid7())
    for address in ("/orders", f"/orders/{order}", f"/orders/{order}/history", f"/checkouts/{session}"):
        assert client.get(address).status_code == 401


def test_a_service_sees_everybodys_within_its_scope(client: Client) -> None:
    customer = uuid7()
    order, session = order_of(customer), checkout_of(customer)
    reader = service("ordering:read")
    for address in (f"/orders?customerId={customer}", f"/orders/{order}", f"/orders/{order}/history", f"/checkouts/{session}"):
        assert get(client, address, reader).status_code == 200
        assert get(client, address, service("catalog:write")).status_code == 403
    assert get(client, "/orders", reader).status_code == 400


def test_only_services_and_staff_make_orders_by_hand(client: Client, ada: tuple[UUID, dict[str, str]]) -> None:
    body = create_order().data()
    assert post(client, "/orders", body, **ada[1]).status_code == 403
    assert post(client, "/orders", body, **service("ordering:read")).status_code == 403
    assert not Order.objects.exists()
    made = post(client, "/orders", body, **service("ordering:write"))
    assert (made.status_code, made.json()["orderId"]) == (201, body["orderId"])
    assert post(client, "/orders", body, **service("ordering:write")).json() == made.json()
    assert Order.objects.count() == 1


@pytest.mark.parametrize("change", [{"total": 1}, {"total": -1}, {"total": 2**70}, {"items": []}, {"items": {}}, {"cartId": "x"}])
def test_an_order_that_makes_no_sense_is_refused(client: Client, change: dict[str, Any]) -> None:
    answer = post(client, "/orders", create_order().data() | change, **service("ordering:write"))
    assert answer.status_code == 400
    assert {"code", "message"} <= set(answer.json())
    assert not Order.objects.exists()


@pytest.mark.parametrize("change", [{"customerId": str(uuid7())}, {"total": 2_000, "discount": 1_500}, {"currency": "USD"}])
def test_another_order_for_the_same_cart_is_refused(client: Client, change: dict[str, Any]) -> None:
    body, token = create_order().data(), service("ordering:write")
    assert post(client, "/orders", body, **token).status_code == 201

    answer = post(client, "/orders", body | change, **token)

    assert (answer.status_code, answer.json()["code"]) == (409, "order_exists")
    assert answer.json()["data"] == {"orderId": body["orderId"]}
    assert Order.objects.get().total == 3_000


def test_a_customer_cancels_its_own_order_and_no_other(client: Client, ada: tuple[UUID, dict[str, str]]) -> None:
    customer, headers = ada
    order = order_of(customer)

    def cancel(which: UUID, reason: str = "CUSTOMER_REQUESTED", who: dict[str, str] = headers) -> Any:
        return post(client, f"/orders/{which}/cancel", {"reason": reason}, **who)

    assert cancel(order, "FRAUD").status_code == 400
    assert cancel(order, "BOREDOM").status_code == 400
    foreign, missing = cancel(order_of(uuid7())), cancel(uuid7())
    assert (foreign.status_code, foreign.json()) == (404, missing.json())
    for _ in range(2):
        cancelled = cancel(order)
        assert (cancelled.status_code, cancelled.json()["lifecycleStatus"]) == (200, "CANCELLED")
    started = order_of(customer)
    Order.objects.filter(pk=started).update(lifecycle_status="FULFILLING")
    refused = cancel(started)
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_cancellable")
    assert cancel(order_of(uuid7()), "FRAUD", service("ordering:write")).status_code == 200


def test_a_customer_changes_its_own_order_and_sees_first_what_it_costs(client: Client, ada: tuple[UUID, dict[str, str]]) -> None:
    customer, headers = ada
    order, foreign = order_of(customer), order_of(uuid7())
    less = {"changes": [{"type": "REMOVE_LINE", "position": 2}]}
    shown = post(client, f"/orders/{order}/amendments/preview", less, **headers)
    assert (shown.status_code, shown.json()["newTotal"], shown.json()["difference"]) == (200, 1_714, -1_286)
    for path in ("amendments/preview", "amendments"):
        hidden, missing = (post(client, f"/orders/{which}/{path}", less, **headers) for which in (foreign, uuid7()))
        assert (hidden.status_code, hidden.json()) == (404, missing.json())
    cheaper = {"changes": [{"type": "CORRECT_PROMOTION", "discount": 3_000}]}
    assert post(client, f"/orders/{order}/amendments", cheaper, **headers).status_code == 400
    wrong: list[list[dict[str, Any]]] = [[], [{"type": "STEAL"}], [{"type": "REMOVE_LINE", "position": 0}]]
    for nonsense in ({"changes": changes} for changes in wrong):
        assert post(client, f"/orders/{order}/amendments", nonsense, **headers).status_code == 400
    asked = post(client, f"/orders/{order}/amendments", less, **headers)
    assert (asked.status_code, asked.json()["status"]) == (202, "OPEN")
    assert post(client, f"/orders/{order}/amendments", less, **headers).status_code == 409
    seen = get(client, f"/orders/{order}/amendments/{asked.json()['changeId']}", headers)
    assert (seen.status_code, seen.json()["newTotal"]) == (200, 1_714)
    assert get(client, f"/orders/{order}/amendments/{uuid7()}", headers).status_code == 404
