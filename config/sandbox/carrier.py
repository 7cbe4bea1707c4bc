"""A stand-in for a parcel carrier: quotes, shipments, tracking events."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from config.sandbox.faults import normalised
from config.sandbox.plain import authenticate, body_of, error, found, refusal, text, whole
from config.sandbox.service import Call, Outcome, Service
from config.sandbox.store import IndexedBy
from config.sandbox.webhooks import Event
from config.sandbox.wire import Json, Request, Response

SHIPMENT = "shipment"
CARRIER = "Sandbox Parcel"
SERVICES = {"STANDARD": (3, 495), "EXPRESS": (2, 895), "NEXT_DAY": (1, 1495)}
ABROAD_DAYS, ABROAD_FACTOR = 4, 3
HOME = "GB"
FAILURES = ("FAILED_DELIVERY", "LOST", "DAMAGED", "RETURNED_TO_SENDER")
NEXT = {"created": ("in_transit", "delivered", "failed"), "in_transit": ("in_transit", "delivered", "failed")}
NOWHERE_COUNTRIES, NOWHERE_POSTCODES = frozenset({"AQ"}), frozenset({"00000", "ZZ99 9ZZ"})
COUNTRY = re.compile(r"[A-Z]{2}")
ONE_SHIPMENT = re.compile(r"/v1/shipments/([^/]+)")


class CarrierService(Service):
    """The carrier stand-in."""

    name: ClassVar[str] = "carrier"
    operations: ClassVar[frozenset[str]] = frozenset({"ship", "get", "find", "quote", "advance"})
    indexed_by: ClassVar[dict[str, IndexedBy]] = {SHIPMENT: lambda shipment: {shipment["orderId"], shipment["reference"]}}

    def route(self, request: Request) -> Call:
        """Authenticate, decode and find the operation. Raises 401, 404, 400."""
        authenticate(request)
        query = dict(request.query)
        one = ONE_SHIPMENT.fullmatch(request.path)
        match request.method, request.path:
            case "POST", "/v1/shipments":
                given = body_of(request)
                return Call("ship", lambda: self._ship(given), normalised(given), given)
            case "GET", "/v1/shipments":
                return Call("find", lambda: self._find(query), normalised(query))
            case "GET", "/v1/services":
                return Call("quote", lambda: _quote(query), normalised(query))
            case "GET", _ if one:
                return Call("get", lambda: found(self._get(one[1])), normalised({"shipmentId": one[1]}))
        raise refusal(404)

    def error(self, status: int, code: str | None) -> Response:
        """The error body for a fault or an idempotency key."""
        return error(status, code)

    def ledger(self) -> Json:
        """All shipments, and how many are in each status."""
        shipments = self.books.all(SHIPMENT)
        totals: dict[str, int] = {}
        for shipment in shipments:
            totals[shipment["status"]] = totals.get(shipment["status"], 0) + 1
        return {"shipments": shipments, "totals": totals}

    def advance(self, id: str, status: str, *, signed_by: str | None, reason: str | None, parcel: str | None = None) -> Outcome:
        """Move a shipment, or the one parcel with this tracking number, to `in_transit`, `delivered` or `failed`, and tell
        the shop.

        What is delivered or failed moves no more, and a failure needs one of `FAILURES`; else the outcome is a 4xx. A shipment
        is delivered when all of its parcels are, and failed as soon as one is.
        """
        shipment = self.books.get(SHIPMENT, id)
        facts = normalised(shipment) if shipment else {}
        return self.settle("advance", facts, lambda: self._advance(id, status, signed_by, reason, parcel))

    def _advance(self, id: str, status: str, signed_by: str | None, reason: str | None, parcel: str | None) -> Outcome:
        shipment = self._get(id)
        moving = [one for one in shipment["parcels"] if parcel in (None, one["trackingNumber"])]
        if not moving:
            raise refusal(404, "The shipment has no such parcel.")
        before = shipment["status"] if parcel is None else moving[0]["status"]
        if status not in NEXT.get(before, ()):
            raise refusal(409, f"What is {before} cannot become {status[:40]}.")
        if status == "failed" and reason not in FAILURES:
            raise refusal(400, f"reason must be one of {', '.join(FAILURES)}")
        at = _now()
        moved = [one | {"status": status} if one in moving and one["status"] in NEXT else one for one in shipment["parcels"]]
        shipment |= {"parcels": moved, "status": _whole_of(moved)}
        if shipment["status"] == "delivered":
            shipment |= {"deliveredAt": at, "signedBy": signed_by}
        elif status == "failed":
            shipment |= {"failedAt": at, "reason": reason}
        event = {"status": status, "at": at} | ({"trackingNumber": parcel} if parcel else {})
        shipment["events"] = [*shipment["events"], event]
        outcome = found(shipment)
        outcome.changes.put(SHIPMENT, id, shipment)
        outcome.events.append(_event(shipment, at))
        return outcome

    def _ship(self, given: Json) -> Outcome:
        destination = given.get("destination")
        if not isinstance(destination, dict):
            raise refusal(400, "destination must be an object.")
        for name in ("line1", "city", "postcode", "country"):
            text(destination, name, required=True)
        if destination["country"] in NOWHERE_COUNTRIES or destination["postcode"] in NOWHERE_POSTCODES:
            raise refusal(422, "Nobody delivers to this address.", code="ADDRESS_REFUSED")
        service = text(given, "service") or "STANDARD"
        days, _ = _days_and_price(service, str(destination["country"]))
        parcels = _parcel_count(given)
        order_id = text(given, "orderId", required=True) or ""
        reference = text(given, "reference") or order_id
        carrier = text(given, "carrier") or CARRIER
        shipment = _shipment(order_id, reference, service, parcels, days) | {"carrier": carrier, "destination": destination}
        outcome = found(shipment, status=201)
        outcome.changes.put(SHIPMENT, shipment["shipmentId"], shipment)
        return outcome

    def _get(self, id: str) -> Json:
        shipment = self.books.get(SHIPMENT, id)
        if shipment is None:
            raise refusal(404, "There is no such shipment.")
        return shipment

    def _find(self, query: Json) -> Outcome:
        reference = text(query, "reference") or text(query, "orderId", required=True) or ""
        return found({"shipments": self.books.find(SHIPMENT, reference)})


def _parcel_count(given: Json) -> int:
    """`parcels` is a number, or a list with an object per parcel."""
    parcels = given.get("parcels")
    count = len(parcels) if isinstance(parcels, list) else parcels
    return whole({"parcels": 1 if count is None else count}, "parcels", least=1, most=99)


def _days_and_price(service: str, country: str) -> tuple[int, int]:
    if service not in SERVICES:
        raise refusal(400, f"service must be one of {', '.join(SERVICES)}", code="UNKNOWN_SERVICE")
    if not COUNTRY.fullmatch(country):
        raise refusal(400, "country must be two capital letters.")
    days, price = SERVICES[service]
    return (days, price) if country == HOME else (days + ABROAD_DAYS, price * ABROAD_FACTOR)


def _quote(query: Json) -> Outcome:
    country = text(query, "country", required=True) or ""
    quotes = []
    for service in SERVICES:
        days, price = _days_and_price(service, country)
        quotes.append({"service": service, "carrier": CARRIER, "price": price, "currency": "GBP", "days": days})
    return found({"country": country, "services": quotes})


def _shipment(order_id: str, reference: str, service: str, parcels: int, days: int) -> Json:
    id = str(uuid.uuid4())
    numbers = [f"SP{uuid.uuid4().int % 10**12:012d}{HOME}" for _ in range(parcels)]
    at = _now()
    return {
        "shipmentId": id,
        "orderId": order_id,
        "reference": reference,
        "service": service,
        "carrier": CARRIER,
        "trackingNumber": numbers[0],
        "trackingNumbers": numbers,
        "parcels": [{"trackingNumber": number, "status": "created"} for number in numbers],
        "labelUrl": f"https://labels.sandbox.example/{id}.pdf",
        "estimatedDelivery": (datetime.now(UTC) + timedelta(days=days)).date().isoformat(),
        "status": "created",
        "createdAt": at,
        "events": [{"status": "created", "at": at}],
    }


def _whole_of(parcels: list[Json]) -> str:
    """What the states of the parcels make of their shipment."""
    states = {parcel["status"] for parcel in parcels}
    if "failed" in states:
        return "failed"
    return "delivered" if states == {"delivered"} else "in_transit"


def _event(shipment: Json, at: str) -> Event:
    told = ("shipmentId", "orderId", "reference", "trackingNumber", "carrier", "status", "signedBy", "reason", "parcels")
    data = {name: shipment[name] for name in told if shipment.get(name) is not None}
    id = f"cev_{uuid.uuid4().hex[:24]}"
    type = f"shipment.{shipment['status']}"
    body = {"id": id, "type": type, "createdAt": at, "data": data | {"occurredAt": at}}
    return Event(id=id, type=type, about=shipment["shipmentId"], body=body)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
