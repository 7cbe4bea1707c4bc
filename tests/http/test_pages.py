"""Health, metrics and the pages for people."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from shop.http import health
from shop.http.addresses import client_ip
from shop.messaging.models import Delivery, Heartbeat, Message
from tests.http.calls import register
from tests.journeys.shop import checked_out

pytestmark = pytest.mark.django_db
SYSTEMS_WITH_METRICS = 12


def test_alive_needs_no_database(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert client.get("/health/live").json() == {"status": "ok"}


def test_ready_when_the_database_is_there_and_up_to_date(client: Client) -> None:
    Heartbeat.objects.create(process="sweeper@here", role="sweeper")
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json()["checks"]["database"] == "ok"
    assert response.json()["checks"]["migrations"] == "ok"
    assert response.json()["checks"]["sweeper"] == "ok"
    assert "no-store" in response["Cache-Control"]


def test_without_bell_or_sweeper_requests_are_still_served(client: Client) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["bell"] == "degraded"
    assert response.json()["checks"]["sweeper"] == "degraded"


def test_not_ready_when_a_migration_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health.CHECKS, "migrations", health._Migrations())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'shop'")
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response["Retry-After"]
    assert response.json()["status"] == "failed"


def sample(text: str, name: str) -> dict[str, float]:
    found = re.findall(rf"^{name}(?:\{{([^}}]*)\}})? ([0-9.e+-]+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def test_metrics_count_what_is_open_and_dead(client: Client) -> None:
    register(client)
    message = Message.objects.order_by("id")[0]
    for subscriber, status in (("shop.carts.abandon_carts", "open"), ("gone.subscriber", "open"), ("x.y", "dead")):
        Delivery.objects.create(message=message, subscriber=subscriber, queue="shopping", status=status)
    text = client.get("/metrics").text
    assert sample(text, "shop_mail_open")['queue="shopping"'] == 1
    assert sample(text, "shop_mail_open")['queue="unknown"'] == 1
    assert sample(text, "shop_mail_dead")['subscriber="x.y"'] == 1
    assert "shop_reservations_held" in text


def test_metrics_cost_the_same_however_much_there_is(client: Client, django_assert_num_queries: Any) -> None:
    with CaptureQueriesContext(connection) as empty:
        client.get("/metrics")
    for _ in range(3):
        checked_out()
    with django_assert_num_queries(len(empty)):
        client.get("/metrics")
    assert len(empty) <= 3 * SYSTEMS_WITH_METRICS


@override_settings(METRICS_TOKEN="let me in")
@pytest.mark.parametrize(("header", "status"), [("Bearer let me in", 200), ("Bearer no", 403), ("", 403), ("Bearer \xe4", 403)])
def test_metrics_are_for_whoever_has_the_token(client: Client, header: str, status: int) -> None:
    assert client.get("/metrics", headers={"Authorization": header}).status_code == status


def test_without_a_token_metrics_are_for_this_machine_only(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "<script>", "127.0.0.1"),
    ],
)
def test_only_what_our_own_proxies_say_is_believed(rf: Any, proxies: int, forwarded: str, address: str) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": forwarded})
    with override_settings(PROXY_COUNT=proxies):
        assert client_ip(request) == address


def test_the_first_page_leads_everywhere(client: Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    for place in ("/admin/", "/api/docs/", "/api/schema/", "/health/ready"):
        assert f'href="{place}"' in page.text


@pytest.mark.parametrize("path", ["/", "/api/docs/"])
def test_nothing_comes_from_outside_and_no_script_is_inline(client: Client, path: str) -> None:
    page = client.get(path)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
    assert not re.findall(r"<script>", page.text)
    assert "script-src" not in page["Content-Security-Policy"] or "unsafe" not in page["Content-Security-Policy"]


def test_the_assets_of_the_docs_are_our_own(client: Client) -> None:
    page = client.get("/api/docs/")
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert asset.startswith(("/static/", "/api/docs/")), asset
    script = client.get("/api/docs/?script=").text
    assert all(address.startswith("http://testserver/") for address in re.findall(r"https?://\S+", script))
