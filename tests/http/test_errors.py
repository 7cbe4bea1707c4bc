"""One error shape, whatever went wrong, and nothing internal in it."""

from typing import Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.test import Client
from pydantic import ValidationError

from shop.contracts.customers import AuthenticateCustomer
from shop.http.errors import answer_to
from shop.messaging.errors import Invalid, LeaseLost, Missing, Refused, Unavailable, Unprocessable
from tests.http.calls import bearer, log_in, post, register, send


def caused(kind: type[Exception], cause: Exception) -> Exception:
    error = kind("secret detail of table shop_secret")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Invalid("odd", "Odd."), 400, "odd"),
        (Missing("gone", "Gone."), 404, "gone"),
        (Refused("no", "No."), 409, "no"),
        (Unprocessable("never", "Never."), 422, "never"),
        (Unavailable("later", "Later."), 503, "later"),
        (Refused("pay", "Pay.", status=402), 402, "pay"),
        (LeaseLost("x"), 409, "request_in_progress"),
        (OperationalError("server closed the connection"), 503, "unavailable"),
        (InterfaceError("connection already closed"), 503, "unavailable"),
        (caused(OperationalError, psycopg.errors.AdminShutdown()), 503, "unavailable"),
        (caused(OperationalError, psycopg.errors.DeadlockDetected()), 503, "busy"),
        (caused(OperationalError, psycopg.errors.QueryCanceled()), 503, "busy"),
        (caused(OperationalError, psycopg.errors.TooManyConnections()), 503, "busy"),
        (caused(IntegrityError, psycopg.errors.UniqueViolation()), 409, "conflict"),
        (caused(IntegrityError, psycopg.errors.CheckViolation()), 500, "internal_error"),
        (caused(DataError, psycopg.errors.NumericValueOutOfRange()), 400, "invalid"),
        (ZeroDivisionError("secret"), 500, "internal_error"),
    ],
)
def test_every_failure_has_its_status_and_says_nothing_internal(error: Exception, status: int, code: str) -> None:
    response = answer_to(error)
    assert response.status_code == status
    assert code in response.text
    assert "secret" not in response.text
    assert ("Retry-After" in response.headers) == (status == 503 or isinstance(error, LeaseLost))


@pytest.mark.django_db
def test_a_field_that_is_wrong_is_named_as_published(client: Client) -> None:
    ada = register(client)
    path = f"/customers/{ada['customerId']}/addresses"
    response = post(client, path, {"address": {"line1": "x", "countryCode": "de"}}, **bearer(log_in(client)))
    assert response.status_code == 400
    assert response.json()["code"] == "invalid"
    assert set(response.json()["errors"]) == {"address.city", "address.postalCode", "address.countryCode"}


@pytest.mark.django_db
def test_what_was_sent_is_not_repeated(client: Client) -> None:
    response = post(client, "/customers", {"email": "ada@example.com", "password": "hunter2"})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["password"]
    assert "hunter2" not in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/no/such/thing", "/customers/", "/carts/x/y/z", "/health", "/%ff", "/api"])
def test_an_address_nobody_serves(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


@pytest.mark.django_db
def test_an_unexpected_error_is_a_500_without_detail(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("shop.http.views.execute", broken)
    client.raise_request_exception = False
    response = post(client, "/customers", {"email": "ada@example.com", "password": "long enough"})
    assert response.status_code == 500
    assert response.json() == {"code": "internal_error", "message": "Something went wrong on our side."}


@pytest.mark.django_db
def test_a_failure_outside_any_view_is_json_too(client: Client) -> None:
    response = client.get("/health/live", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert response.json()["code"] == "bad_request"


@pytest.mark.django_db
def test_the_correlation_id_is_taken_and_given_back(client: Client) -> None:
    mine = "0192f0c1-2f7a-7c3e-8f5d-0a1b2c3d4e5f"
    assert send(client, "POST", "/customers", {}, X_Correlation_ID=mine)["X-Correlation-ID"] == mine
    assert len(send(client, "POST", "/customers", {}, X_Correlation_ID="nonsense")["X-Correlation-ID"]) == 36


@pytest.mark.django_db
def test_head_is_get_without_a_body(client: Client) -> None:
    ada = register(client)
    token = bearer(log_in(client))
    path = f"/customers/{ada['customerId']}"
    got, head = client.get(path, headers=token), client.head(path, headers=token)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Type"] == got["Content-Type"]
    assert client.head(path).status_code == 401


def test_what_the_database_quotes_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    for kind in (psycopg.errors.UniqueViolation, psycopg.errors.CheckViolation):
        answer_to(caused(IntegrityError, kind("Key (email)=(ada@example.com) exists")))
    sent = '{"email": "ada-example.com"}'
    with pytest.raises(ValidationError) as wrong:
        AuthenticateCustomer.read(sent)
    assert answer_to(wrong.value).status_code == 400
    assert len(caplog.records) >= 3
    assert "ada" not in caplog.text
    assert "secret detail" not in caplog.text
