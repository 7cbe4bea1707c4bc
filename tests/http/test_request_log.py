"""What one request leaves in the log."""

import logging
from typing import Any

import pytest
from django.test import Client

from tests.http.calls import send

pytestmark = pytest.mark.django_db
CHAIN = "0192f0c1-2f7a-7c3e-8f5d-0a1b2c3d4e5f"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """The lines written since, as dictionaries."""
    caplog.set_level(logging.DEBUG, "django_structlog")
    return lambda: [record.msg for record in caplog.records if record.name.startswith("django_structlog")]


def test_it_is_logged_under_the_correlation_id_of_its_messages(client: Client, lines: Any) -> None:
    send(client, "POST", "/customers", {}, X_Correlation_ID=CHAIN)
    ((code, request, chain),) = [
        (line["code"], line["request"], line["correlation_id"]) for line in lines() if line["event"] == "request_finished"
    ]
    assert (code, request, chain) == (400, "POST /customers", CHAIN)


def test_two_requests_do_not_share_a_correlation_id(client: Client, lines: Any) -> None:
    send(client, "POST", "/customers", {}, X_Correlation_ID=CHAIN)
    client.get("/health/live")
    assert [line.get("correlation_id") for line in lines() if line["event"] == "request_finished"] == [CHAIN, None]


def test_nobodys_address_and_nothing_anybody_searched_for_is_logged(client: Client, lines: Any) -> None:
    client.get("/admin/shop/customerprofile/?q=ada@example.com", REMOTE_ADDR="203.0.113.77")
    client.get("/orders?customerId=ada@example.com", REMOTE_ADDR="203.0.113.77")
    assert [line["request"] for line in lines() if line["event"] == "request_finished"] == [
        "GET /admin/shop/customerprofile/",
        "GET /orders",
    ]
    assert "ada@example.com" not in str(lines())
    assert "203.0.113.77" not in str(lines())


def test_a_failure_names_the_path_only(client: Client, lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("shop.http.pages.render", broken)
    client.raise_request_exception = False
    client.get("/?q=ada@example.com")
    assert [line["request"] for line in lines() if line["event"] == "request_failed"] == ["GET /"]
