"""Webhook endpoints over HTTP: a partner's service looks after its own and knows of no others."""

from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client

from shop.outward.models import WebhookEndpoint, WebhookSending
from tests.http.calls import bearer, post, send
from tests.outward.receiver import Partner
from tests.outward.tools import happen, listen, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("outsiders")]


@pytest.fixture
def acme(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The header of the partner's service."""
    call_command("service_token", "create", "acme", "outward:write")
    return bearer(capsys.readouterr().out.strip())


@pytest.fixture
def reader(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """A service that may only look."""
    call_command("service_token", "create", "acme", "outward:read")
    return bearer(capsys.readouterr().out.strip())


def test_a_partner_looks_after_its_endpoint(client: Client, acme: dict[str, str], listener: Partner) -> None:
    body = {"url": listener.url(), "events": ["CartAbandoned"], "partner": "somebody else"}
    made = post(client, "/webhook-endpoints", body, **acme)
    assert made.status_code == 201
    endpoint = f"/webhook-endpoints/{made.json()['endpointId']}"
    assert client.get(endpoint, headers=acme).json()["partner"] == "acme"
    assert "secret" not in client.get(endpoint, headers=acme).json()

    assert post(client, f"{endpoint}/test", {}, **acme).json()["status"] == "DELIVERED"
    assert listener.got[0].signed_with(made.json()["secret"])
    happen()
    work()
    sent = client.get(f"{endpoint}/sendings?pageSize=1", headers=acme).json()
    assert [item["event"] for item in sent["items"]] == ["CartAbandoned"]
    assert sent["next"] == sent["items"][0]["sendingId"]
    assert post(client, f"/webhook-sendings/{sent['next']}/redeliver", {}, **acme).status_code == 202

    changed = send(client, "PATCH", endpoint, {"events": ["CartAbandoned", "OrderConfirmed"]}, **acme).json()
    assert changed["events"] == ["CartAbandoned", "OrderConfirmed"]
    assert post(client, f"{endpoint}/secret", {}, **acme).json()["secret"] != made.json()["secret"]
    assert post(client, f"{endpoint}/disable", {"reason": "moving"}, **acme).json()["disabledReason"] == "moving"
    assert post(client, f"{endpoint}/enable", {}, **acme).json()["status"] == "ACTIVE"


def test_somebody_elses_endpoint_is_not_there(client: Client, acme: dict[str, str], listener: Partner) -> None:
    theirs = listen(listener, name="others").endpoint_id
    happen()
    work()
    sending = WebhookSending.objects.get().id
    for endpoint, sent in ((theirs, sending), (uuid4(), uuid4())):
        address = f"/webhook-endpoints/{endpoint}"
        answers = [
            client.get(address, headers=acme),
            send(client, "PATCH", address, {"description": "mine"}, **acme),
            client.get(f"{address}/sendings", headers=acme),
            *(post(client, f"{address}/{verb}", {}, **acme) for verb in ("enable", "disable", "secret", "test")),
            post(client, f"/webhook-sendings/{sent}/redeliver", {}, **acme),
        ]
        assert {answer.status_code for answer in answers} == {404}
    assert WebhookEndpoint.objects.get().description == ""
    assert client.get("/webhook-endpoints", headers=acme).json()["items"] == []
    assert client.get("/webhook-endpoints?partner=others", headers=acme).json()["items"] == []


def test_who_may_only_look_changes_nothing(client: Client, reader: dict[str, str], listener: Partner) -> None:
    made = listen(listener)
    address = f"/webhook-endpoints/{made.endpoint_id}"

    assert client.get(address, headers=reader).status_code == 200
    assert post(client, "/webhook-endpoints", {"url": listener.url(), "events": ["CartAbandoned"]}, **reader).status_code == 403
    assert post(client, f"{address}/secret", {}, **reader).status_code == 403
    assert client.get(address).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://169.254.169.254/", "events": ["CartAbandoned"]},
        {"url": "https://example.com/", "events": []},
        {"url": "https://example.com/", "events": ["Nothing"]},
        {"url": "javascript:alert(1)", "events": ["CartAbandoned"]},
        {"url": "https://example.com/\u0000", "events": ["CartAbandoned"]},
        {"url": ["https://example.com/"], "events": "CartAbandoned"},
        {"events": ["CartAbandoned"]},
    ],
)
def test_bad_input_is_told_and_nothing_is_made(client: Client, acme: dict[str, str], body: dict) -> None:
    answer = post(client, "/webhook-endpoints", body, **acme)

    assert answer.status_code == 400
    assert set(answer.json()) >= {"code", "message"}
    assert not WebhookEndpoint.objects.exists()
