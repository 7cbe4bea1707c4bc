"""The carrier: quotes, shipments, and their way to the door."""

import json
from typing import Any

import httpx
import pytest

from config.sandbox import SandboxControl
from tests.sandbox.conftest import Inbox


def wanted(order: str = "o1", **more: Any) -> dict[str, Any]:
    """A shipment as the shop asks for it."""
    destination = {"line1": "1 High St", "city": "Leeds", "postcode": "LS1 1AA", "country": "GB"}
    return {"orderId": order, "service": "STANDARD", "parcels": 2, "destination": destination, **more}


def test_a_shipment_has_a_number_per_parcel(carrier: httpx.Client) -> None:
    answer = carrier.post("/v1/shipments", json=wanted())

    shipment = answer.json()
    assert answer.status_code == 201
    assert len(set(shipment["trackingNumbers"])) == 2
    assert shipment["trackingNumber"] == shipment["trackingNumbers"][0]
    assert {"carrier", "labelUrl", "estimatedDelivery"} <= shipment.keys()
    assert carrier.get(f"/v1/shipments/{shipment['shipmentId']}").json() == shipment
    assert carrier.get("/v1/shipments", params={"reference": "o1"}).json() == {"shipments": [shipment]}


def test_one_key_one_shipment(carrier: httpx.Client, control: SandboxControl) -> None:
    control.add_fault("execute_then_timeout", service="carrier", operation="ship", seconds=0, times=1)
    headers = {"Idempotency-Key": "k1"}

    with pytest.raises(httpx.RemoteProtocolError):
        carrier.post("/v1/shipments", json=wanted(), headers=headers)
    again = carrier.post("/v1/shipments", json=wanted(), headers=headers)
    other = carrier.post("/v1/shipments", json=wanted("o2"), headers=headers)

    assert (again.status_code, other.status_code) == (201, 422)
    assert [shipment["shipmentId"] for shipment in control.ledger("carrier")["shipments"]] == [again.json()["shipmentId"]]


def test_life_cycle_to_the_door(carrier: httpx.Client, control: SandboxControl, inbox: Inbox) -> None:
    id = carrier.post("/v1/shipments", json=wanted()).json()["shipmentId"]

    control.advance_shipment(id, "in_transit")
    control.advance_shipment(id, "delivered", signed_by="J. Doe")

    told = [json.loads(request.body) for request in inbox.wait(2)]
    assert [event["type"] for event in told] == ["shipment.in_transit", "shipment.delivered"]
    assert told[1]["data"]["signedBy"] == "J. Doe"
    assert carrier.get(f"/v1/shipments/{id}").json()["status"] == "delivered"
    with pytest.raises(httpx.HTTPStatusError) as late:
        control.advance_shipment(id, "failed", reason="LOST")
    assert late.value.response.status_code == 409
    assert control.ledger("carrier")["totals"] == {"delivered": 1}


@pytest.mark.parametrize("reason", ["FAILED_DELIVERY", "LOST", "DAMAGED", "RETURNED_TO_SENDER"])
def test_failure_says_why(carrier: httpx.Client, control: SandboxControl, inbox: Inbox, reason: str) -> None:
    id = carrier.post("/v1/shipments", json=wanted()).json()["shipmentId"]

    control.advance_shipment(id, "failed", reason=reason)

    event = json.loads(inbox.wait(1)[0].body)
    assert (event["type"], event["data"]["reason"]) == ("shipment.failed", reason)


def test_a_failure_needs_a_reason(carrier: httpx.Client, control: SandboxControl) -> None:
    id = carrier.post("/v1/shipments", json=wanted()).json()["shipmentId"]

    with pytest.raises(httpx.HTTPStatusError) as refused:
        control.advance_shipment(id, "failed", reason="BORED")

    assert refused.value.response.status_code == 400
    assert carrier.get(f"/v1/shipments/{id}").json()["status"] == "created"


def test_quotes_by_country(carrier: httpx.Client) -> None:
    home, abroad = (carrier.get("/v1/services", params={"country": country}).json() for country in ("GB", "FR"))

    assert [quote["service"] for quote in home["services"]] == ["STANDARD", "EXPRESS", "NEXT_DAY"]
    assert all(far["price"] > near["price"] for near, far in zip(home["services"], abroad["services"], strict=True))
    assert carrier.get("/v1/services", params={"country": "Britain"}).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"parcels": 0},
        {"parcels": True},
        {"service": "TELEPORT"},
        {"destination": []},
        {"destination": {}},
        {"orderId": None},
    ],
)
def test_bad_shipments_are_refused(carrier: httpx.Client, control: SandboxControl, wrong: dict[str, Any]) -> None:
    answer = carrier.post("/v1/shipments", json=wanted(**wrong))

    assert (answer.status_code, set(answer.json())) == (400, {"code", "message"})
    assert control.ledger("carrier")["shipments"] == []
