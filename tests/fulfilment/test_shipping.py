"""From the dock to the door: booked once whatever the carrier does, its webhooks in any order, and what people decide after."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from fulfilment.shipping.carriers import SERVICES, TABLE, choose
from fulfilment.shipping.gateways import carrier
from fulfilment.shipping.gateways.answers import Absent
from fulfilment.shipping.gateways.reading import told_of
from fulfilment.shipping.inbox import secrets
from fulfilment.shipping.invariants import compare_with_carrier
from fulfilment.shipping.models import CarrierCall, CarrierWebhook, Parcel, Shipment, TrackingEvent
from fulfilment.warehouse.models import PickingJob
from shop.contracts.addresses import Address
from shop.contracts.fulfilment import (
    CreateShipment,
    FollowShipments,
    GiveUpShipment,
    HandOverOrder,
    MarkShipmentLost,
    PackOrder,
    PickAllLines,
    RedeliverShipment,
    ReplaceShipment,
    RetryBooking,
    StartPicking,
)
from shop.messaging.errors import Missing, Refused
from shop.messaging.models import Message
from shop.messaging.routing import switchboard
from tests.fulfilment.builders import figures, stocked
from tests.fulfilment.house import HOME, House, moved, post, signed
from tests.http.calls import bearer, log_in, register
from tests.http.endpoints import service_token

NOWHERE = Address.read_data(HOME | {"countryCode": "AQ"})
COLLECT = {"delivery_method": "CLICK_AND_COLLECT", "delivery_address": None}


def refused(house: House, command: Any) -> str:
    with pytest.raises(Refused) as refusal:
        house.do(command)
    return refusal.value.code


def fault(house: House, effect: str, *, operation: str = "ship", **rule: Any) -> None:
    house.sandbox.add_fault(effect, service="carrier", operation=operation, **rule)


# Booking


def test_a_packed_order_is_booked_with_the_carrier_for_its_parcels(house: House) -> None:
    shipment = house.shipped(parcels=2, priority="EXPEDITED")
    assert (shipment.status, shipment.carrier, shipment.service) == ("CREATED", "Swift Courier", "EXPRESS")
    (booking,) = house.bookings()
    assert (booking["reference"], booking["orderId"]) == (str(shipment.pk), str(shipment.order_id))
    assert booking["destination"]["name"] == "Jo Doe"
    numbers = list(Parcel.objects.filter(shipment=shipment).order_by("number").values_list("tracking_number", flat=True))
    assert numbers == booking["trackingNumbers"]
    said = house.fact("ShipmentCreated")
    assert (said["shipmentId"], said["trackingNumber"], said["carrier"]) == (str(shipment.pk), numbers[0], "Swift Courier")
    assert said["estimatedDelivery"] == booking["estimatedDelivery"]
    house.assert_sound()


def test_ready_twice_and_booked_twice_is_one_parcel(house: House) -> None:
    job = house.packed()
    house.work()
    again = _command_of(job)
    house.tell(again, again)
    assert house.do(again).status == "CREATED"
    assert len(house.bookings()) == 1
    assert house.facts(job.order_id)["ShipmentCreated"] == 1


def _command_of(job: PickingJob) -> CreateShipment:
    return CreateShipment.read_data(Message.objects.get(name="CreateShipment", key=str(job.order_id)).payload)


@pytest.mark.parametrize(
    ("effect", "more"),
    [
        ("execute_then_timeout", {"seconds": 5}),
        ("execute_then_timeout", {"seconds": 0}),
        ("slow", {"seconds": 0.8}),
        ("hang", {"seconds": 5}),
        ("drop", {}),
        ("status", {"status": 503, "stored": False}),
        ("status", {"status": 500, "stored": True}),
        ("status", {"status": 500, "execute": True, "stored": False}),
        ("status", {"status": 429}),
        ("status", {"status": 409}),
        ("status", {"status": 401}),
    ],
    ids=str,
)
def test_an_answer_that_is_missing_is_asked_for_and_never_booked_again(house: House, effect: str, more: Any) -> None:
    fault(house, effect, times=1, **more)
    job = house.packed()
    house.work()
    shipment = house.shipment(job)
    assert shipment.status == "REQUESTED"
    assert shipment.ask_again_at is not None
    assert shipment.last_error
    house.sandbox.clear_faults()
    if more.get("stored") and not more.get("execute"):
        house.sandbox.forget_idempotency_keys()  # a stored 500 is replayed until the carrier forgets it
    house.work_to_the_end()
    assert house.fresh(shipment).status == "CREATED"
    assert house.facts(job.order_id)["ShipmentCreated"] == 1
    assert len(house.bookings()) == 1
    house.assert_sound()


def test_after_the_carrier_forgot_its_keys_it_is_still_found_by_reference(house: House) -> None:
    fault(house, "execute_then_timeout", seconds=0, times=1)
    job = house.packed()
    house.work()
    house.sandbox.forget_idempotency_keys()
    house.work_to_the_end()
    assert len(house.bookings()) == 1
    assert list(CarrierCall.objects.order_by("id").values_list("operation", "outcome")) == [
        ("book", "unclear"),
        ("find", "created"),
    ]
    assert house.shipment(job).status == "CREATED"


def test_a_carrier_that_is_down_delays_and_loses_nothing(house: House) -> None:
    fault(house, "down", operation=None)
    jobs = [house.packed() for _ in range(3)]
    house.work()
    for _ in range(3):
        house.say(FollowShipments())
        Shipment.objects.update(ask_again_at=Now() - timedelta(minutes=1))
        house.work()
    assert {house.shipment(job).status for job in jobs} == {"REQUESTED"}
    house.sandbox.clear_faults()
    house.work_to_the_end()
    assert {house.shipment(job).status for job in jobs} == {"CREATED"}
    assert len(house.bookings()) == 3
    house.assert_sound()


def test_an_address_the_carrier_refuses_is_parked_until_it_changes(house: House) -> None:
    job = house.packed(delivery_address=NOWHERE)
    house.work()
    shipment = house.shipment(job)
    assert (shipment.status, shipment.refused_because) == ("REQUESTED", "Nobody delivers to this address. (ADDRESS_REFUSED)")
    assert shipment.ask_again_at is None
    house.say(FollowShipments())
    house.work_to_the_end()
    assert house.bookings() == []
    house.tell(moved(job.order_id, 2, line1="2 Low St"))
    after = house.shipment(job)
    assert (after.pk, after.status, after.booking_try) == (shipment.pk, "CREATED", 2)
    assert house.bookings()[0]["destination"]["line1"] == "2 Low St"
    house.assert_sound()


def test_a_refused_booking_is_tried_again_by_hand_under_another_key(house: House) -> None:
    fault(house, "status", status=422, code="TOO_HEAVY", times=1)
    shipment = house.shipped()
    assert shipment.refused_because.endswith("(TOO_HEAVY)")
    assert refused(house, RedeliverShipment(shipment_id=shipment.pk)) == "shipment_not_failed"
    house.do(RetryBooking(shipment_id=shipment.pk))
    house.work()
    assert house.fresh(shipment).status == "CREATED"
    assert refused(house, RetryBooking(shipment_id=shipment.pk)) == "booking_not_refused"
    house.assert_sound()


def test_a_refused_booking_may_be_given_up_but_an_unknown_one_not(house: House) -> None:
    refused_one = house.shipped(delivery_address=NOWHERE)
    house.do(GiveUpShipment(shipment_id=refused_one.pk, reason="customer moved"))
    assert house.fact("OrderUndeliverable")["reason"] == "FAILED_DELIVERY"
    fault(house, "execute_then_timeout", seconds=0, times=1)
    unknown = house.shipped()
    assert refused(house, GiveUpShipment(shipment_id=unknown.pk, reason="x")) == "booking_unknown"
    house.work_to_the_end()
    house.assert_sound()


def test_many_orders_and_webhooks_cost_as_many_statements_as_few(house: House) -> None:
    def statements(count: int) -> tuple[int, int]:
        tea = stocked(count)
        for _ in range(count):
            house.packed((tea, 1))
        with CaptureQueriesContext(connection) as opening:
            house.work(only="fulfilment.shipping.book_shipment_when_order_ready")
        house.work()
        with house.webhooks():
            for booking in house.bookings()[-count:]:
                house.sandbox.advance_shipment(booking["shipmentId"], "delivered")
        with CaptureQueriesContext(connection) as settling:
            house.work(only="fulfilment.shipping.receive_carrier_webhook")
        return len(opening), len(settling)

    few, many = statements(2), statements(7)
    assert many <= few
    assert Shipment.objects.filter(status="DELIVERED").count() == 9


def test_carriers_are_chosen_by_destination_and_service() -> None:
    assert choose("GB", "STANDARD") == TABLE["home", "STANDARD"]
    assert choose("DE", "SAME_DAY").service == "EXPRESS"
    assert choose("AU", "STANDARD").carrier == "World Air"
    assert choose("GB", "STANDARD", service="NEXT_DAY", carrier="Bike") == type(TABLE["home", "STANDARD"])("Bike", "NEXT_DAY")
    assert {wanted for _, wanted in TABLE} == set(SERVICES.values())


# Webhooks


def events(house: House, *said: tuple[str, dict[str, Any]], parcels: int = 1) -> tuple[Shipment, list[tuple[bytes, str]]]:
    """A shipment, and the webhooks of what the carrier then says, caught before they are posted."""
    shipment = house.shipped(parcels=parcels)
    caught: list[tuple[bytes, str]] = []
    with house.webhooks() as arriving:
        for status, more in said:
            house.sandbox.advance_shipment(str(shipment.carrier_shipment_id), status, **more)
        house.sandbox.settle()
        caught += arriving
        arriving.clear()
    return shipment, caught


def test_a_delivered_shipment_says_so_once_with_who_signed(house: House) -> None:
    shipment = house.shipped()
    house.carrier_says(shipment, "in_transit")
    house.carrier_says(shipment, "delivered", signed_by="J. Doe")
    after = house.fresh(shipment)
    assert (after.status, after.signed_by, after.ask_again_at) == ("DELIVERED", "J. Doe", None)
    assert house.facts(shipment.order_id)["ShipmentDelivered"] == 1
    assert house.fact("ShipmentDelivered")["signedBy"] == "J. Doe"
    assert list(TrackingEvent.objects.order_by("at", "id").values_list("status", flat=True)) == [
        "created", "in_transit", "delivered",
    ]  # fmt: skip
    house.assert_sound()


def test_ten_times_the_same_webhook_has_one_effect(house: House) -> None:
    shipment, ((body, _),) = events(house, ("delivered", {}))
    answers = [post(body).json()["duplicate"] for _ in range(10)]
    house.work_to_the_end()
    assert answers == [False] + [True] * 9
    assert CarrierWebhook.objects.get().status == "APPLIED"
    assert house.facts(shipment.order_id)["ShipmentDelivered"] == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_ends_in_the_same_place(house: House, order: tuple[int, ...]) -> None:
    shipment, caught = events(house, ("in_transit", {}), ("in_transit", {}), ("failed", {"reason": "DAMAGED"}))
    for number in order:
        post(caught[number][0])
        house.work()
    assert (house.fresh(shipment).status, house.fresh(shipment).failure_reason) == ("FAILED", "DAMAGED")
    assert house.facts(shipment.order_id)["ShipmentFailed"] == 1
    house.assert_sound()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_shipment_is_delivered_when_every_parcel_is(house: House, order: tuple[int, ...]) -> None:
    shipment = house.shipped(parcels=3)
    numbers = list(Parcel.objects.filter(shipment=shipment).order_by("number").values_list("tracking_number", flat=True))
    with house.webhooks() as arriving:
        for number in numbers:
            house.sandbox.advance_shipment(str(shipment.carrier_shipment_id), "delivered", parcel=number)
        house.sandbox.settle()
        caught = list(arriving)
        arriving.clear()
    for place in order:
        post(caught[place][0])
        house.work()
        told = order[: order.index(place) + 1]
        assert house.fresh(shipment).status == ("DELIVERED" if 2 in told else "CREATED")
    assert house.facts(shipment.order_id)["ShipmentDelivered"] == 1
    house.assert_sound()


def test_one_lost_parcel_fails_the_shipment_and_the_others_are_seen_to_arrive(house: House) -> None:
    shipment = house.shipped(parcels=2)
    first, second = Parcel.objects.filter(shipment=shipment).order_by("number")
    house.carrier_says(shipment, "failed", reason="LOST", parcel=second.tracking_number)
    house.carrier_says(shipment, "delivered", parcel=first.tracking_number)
    assert [parcel.status for parcel in Parcel.objects.order_by("number")] == ["DELIVERED", "FAILED"]
    assert house.facts(shipment.order_id) | {"ShipmentFailed": 1} == house.facts(shipment.order_id)
    assert house.fresh(shipment).status == "FAILED"


def test_a_webhook_before_our_own_record_books_it(house: House) -> None:
    fault(house, "execute_then_timeout", seconds=0, times=1)
    shipment = house.shipped()
    assert shipment.status == "REQUESTED"
    with house.webhooks():
        house.sandbox.advance_shipment(house.bookings()[0]["shipmentId"], "delivered")
    house.work_to_the_end()
    assert house.fresh(shipment).status == "DELIVERED"
    facts = house.facts(shipment.order_id)
    assert (facts["ShipmentCreated"], facts["ShipmentDelivered"]) == (1, 1)
    house.assert_sound()


def test_a_webhook_of_a_stranger_is_retried_and_then_parked(house: House) -> None:
    data = {"shipmentId": "s-1", "reference": str(uuid7()), "trackingNumber": "T", "status": "delivered"}
    assert post({"id": "cev_1", "type": "shipment.delivered", "data": data}).status_code == 200
    house.work()
    assert CarrierWebhook.objects.get().status == "RECEIVED"
    house.work_to_the_end()
    row = CarrierWebhook.objects.get()
    assert (row.status, row.attempts, row.did) == ("PARKED", 5, "it is about no shipment of ours")


def test_the_webhook_of_another_booking_has_no_effect_and_says_so(house: House) -> None:
    shipment = house.shipped()
    data = {"shipmentId": "s-1", "reference": str(shipment.pk), "trackingNumber": "T", "status": "delivered"}
    post({"id": "cev_1", "type": "shipment.delivered", "data": data})
    house.work()
    assert house.fresh(shipment).status == "CREATED"
    assert "another booking" in CarrierWebhook.objects.get().did


@pytest.mark.parametrize(
    "signature",
    ["", "t=1,v1=abc", "nonsense", "v1=only", "t=abc,v1=abc", "t=NOW", "t=1" * 5000, "t=²,v1=x", "t=1,t=2,v1=a"],
)
def test_a_forged_signature_is_refused_and_leaves_no_row(house: House, signature: str) -> None:
    sent = signature.replace("NOW", f"{int(time.time())}").encode().decode("latin-1")
    answer = post({"id": "cev_1", "type": "x", "data": {}}, signature=sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
    assert CarrierWebhook.objects.count() == 0


def test_a_stale_stamp_a_changed_body_and_another_secret_are_refused(house: House, settings: Any) -> None:
    body = json.dumps({"id": "cev_1", "type": "x", "data": {}}).encode()
    for seconds in (-301, 310):
        assert post(body, signature=signed(body, at=time.time() + seconds)).status_code == 400
    assert post(body + b" ", signature=signed(body)).status_code == 400
    assert post(body, signature=signed(body, secret="other")).status_code == 400
    assert CarrierWebhook.objects.count() == 0
    settings.CARRIER_WEBHOOK_SECRET = "new, old"
    for number, secret in enumerate(("new", "old")):
        rotated = json.dumps({"id": f"cev_{number}", "type": "x", "data": {}}).encode()
        assert post(rotated, signature=signed(rotated, secret=secret)).status_code == 200
    house.work()
    assert set(CarrierWebhook.objects.values_list("status", flat=True)) == {"IGNORED"}


@pytest.mark.parametrize("secret", ["", "  ", ","])
def test_an_empty_secret_is_no_secret(settings: Any, secret: str) -> None:
    settings.CARRIER_WEBHOOK_SECRET = secret
    with pytest.raises(ImproperlyConfigured):
        secrets()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"text"', b"null", b"[" * 100_000, b"\x00", b'{"id": "e"}', b'{"id": 5, "type": "x", "data": {}}',
        b'{"id": "e\\u0000", "type": "x", "data": {}}', b'{"id": "e", "type": "x", "data": []}', b'{"id": "\xff"}',
    ],
    ids=lambda body: body[:20].decode(errors="replace"),
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(house: House, body: bytes) -> None:
    answer = post(body, signature=signed(body))
    assert (answer.status_code, set(answer.json()) >= {"code", "message"}) == (400, True)
    assert CarrierWebhook.objects.count() == 0


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"shipmentId": "s", "reference": "r", "trackingNumber": "T", "status": "eaten"},
        {"shipmentId": "s", "reference": "r", "trackingNumber": "T", "status": "failed", "reason": "EATEN"},
        {"shipmentId": "s\x00", "reference": "r", "trackingNumber": "T", "status": "delivered"},
        {"shipmentId": "s", "reference": "r", "trackingNumber": "T", "status": "delivered", "occurredAt": "yesterday"},
        {"shipmentId": "s", "reference": "r", "trackingNumber": "T", "status": "delivered", "parcels": [1]},
    ],
)
def test_an_event_with_an_unreadable_shipment_is_parked(house: House, data: Any) -> None:
    post({"id": "cev_1", "type": "shipment.delivered", "data": data})
    house.work()
    assert CarrierWebhook.objects.get().status == "PARKED"


def test_a_shipment_without_a_word_is_asked_about(house: House) -> None:
    shipment = house.shipped()
    house.sandbox.advance_shipment(str(shipment.carrier_shipment_id), "delivered")  # nobody hears of it
    house.tell(FollowShipments())
    assert house.fresh(shipment).status == "CREATED"
    Shipment.objects.update(ask_again_at=Now() - timedelta(seconds=1))
    house.tell(FollowShipments())
    assert house.fresh(shipment).status == "DELIVERED"
    assert house.facts(shipment.order_id)["ShipmentDelivered"] == 1
    house.assert_sound()


# Decisions


@pytest.mark.parametrize("reason", ["FAILED_DELIVERY", "RETURNED_TO_SENDER"])
def test_what_came_back_is_sent_again_where_the_order_goes_by_now(house: House, reason: str) -> None:
    shipment = house.failed(reason)
    house.tell(moved(shipment.order_id, 2, line1="2 Low St"))
    view = house.do(RedeliverShipment(shipment_id=shipment.pk))
    house.work()
    again = Shipment.objects.get(pk=view.shipment_id)
    assert (again.attempt, again.status, again.place["line1"]) == (2, "CREATED", "2 Low St")
    assert (house.fresh(shipment).resolution, house.fresh(shipment).successor_id) == ("REDELIVERED", again.pk)
    assert refused(house, RedeliverShipment(shipment_id=shipment.pk)) == "already_decided"
    house.carrier_says(again, "delivered")
    assert house.facts(shipment.order_id)["ShipmentDelivered"] == 1
    assert [one["reference"] for one in house.bookings()] == [str(shipment.pk), str(again.pk)]
    house.assert_sound()


@pytest.mark.parametrize("reason", ["LOST", "DAMAGED"])
def test_what_is_gone_is_replaced_from_stock_reserved_anew(house: House, reason: str) -> None:
    tea = stocked(5)
    job = house.packed((tea, 2))
    house.work()
    shipment = house.shipment(job)
    house.carrier_says(shipment, "failed", reason=reason)
    assert refused(house, RedeliverShipment(shipment_id=shipment.pk)) == "nothing_to_send_again"
    house.do(ReplaceShipment(shipment_id=shipment.pk))
    replacement = PickingJob.objects.get(replaces=shipment.pk)
    assert figures(tea) == (3, 2, 1)
    house.do(StartPicking(picking_job_id=replacement.pk))
    house.do(PickAllLines(picking_job_id=replacement.pk))
    house.do(PackOrder(picking_job_id=replacement.pk, parcel_count=1))
    house.work()
    assert figures(tea) == (1, 0, 1)
    house.carrier_says(house.shipment(replacement), "delivered")
    assert house.facts(shipment.order_id)["ShipmentDelivered"] == 1
    house.assert_sound()


def test_nothing_is_replaced_from_stock_that_is_not_there(house: House) -> None:
    tea = stocked(2)
    job = house.packed((tea, 2))
    house.work()
    house.carrier_says(house.shipment(job), "failed", reason="LOST")
    assert refused(house, ReplaceShipment(shipment_id=house.shipment(job).pk)) == "out_of_stock"
    assert house.shipment(job).resolution == ""
    house.assert_sound()


def test_a_lost_shipment_is_given_up_and_its_money_goes_back(house: House) -> None:
    shipment = house.shipped()
    assert refused(house, GiveUpShipment(shipment_id=shipment.pk, reason="x")) == "shipment_under_way"
    house.do(MarkShipmentLost(shipment_id=shipment.pk))
    assert house.fact("ShipmentFailed")["reason"] == "LOST"
    house.do(GiveUpShipment(shipment_id=shipment.pk, reason="three weeks"))
    said = house.fact("OrderUndeliverable")
    assert (said["reason"], said["shipmentId"], said["decidedBy"]) == ("LOST", str(shipment.pk), "staff:mira")
    assert refused(house, GiveUpShipment(shipment_id=shipment.pk, reason="x")) == "already_decided"
    house.carrier_says(shipment, "delivered")  # too late: the money is on its way back
    assert house.fresh(shipment).status == "FAILED"
    assert "given up" in CarrierWebhook.objects.latest("id").did
    house.assert_sound()


def test_what_was_marked_lost_may_turn_up_before_anybody_decides(house: House) -> None:
    shipment = house.shipped()
    house.do(MarkShipmentLost(shipment_id=shipment.pk))
    house.carrier_says(shipment, "delivered")
    assert house.fresh(shipment).status == "DELIVERED"
    assert refused(house, GiveUpShipment(shipment_id=shipment.pk, reason="x")) == "shipment_not_failed"
    assert house.facts(shipment.order_id)["ShipmentDelivered"] == 1
    house.assert_sound()


@pytest.mark.parametrize("command", [RedeliverShipment, ReplaceShipment, MarkShipmentLost, RetryBooking])
def test_an_unknown_shipment_is_missing(house: House, command: Any) -> None:
    with pytest.raises(Missing):
        house.do(command(shipment_id=uuid7()))


# Addresses


def test_a_new_address_reaches_whatever_is_not_shipped_and_marks_what_is(house: House) -> None:
    picking, shipped = house.picked(), house.shipped()
    house.tell(moved(picking.order_id, 3, line1="3 New St"), moved(picking.order_id, 2, line1="2 Old St"))
    house.tell(moved(shipped.order_id, 2, line1="2 Low St"))
    assert house.fresh(picking).address["line1"] == "3 New St"
    after = house.fresh(shipped)
    assert (after.address_came_late, after.place["line1"]) == (True, "1 High St")
    house.do(PackOrder(picking_job_id=picking.pk, parcel_count=1))
    house.work()
    assert {one["destination"]["line1"] for one in house.bookings()} == {"3 New St", "1 High St"}


# Collection


def test_what_the_customer_collects_waits_at_the_counter_and_no_carrier_hears_of_it(house: House) -> None:
    job = house.packed(parcels=2, **COLLECT)
    house.work()
    shipment = house.shipment(job)
    assert (shipment.status, shipment.carrier, shipment.tracking_number) == ("CREATED", "", "")
    assert house.facts(job.order_id) == {"OrderPacked": 1}
    house.do(HandOverOrder(shipment_id=shipment.pk, collected_by="Jo Doe"))
    house.do(HandOverOrder(shipment_id=shipment.pk, collected_by="Jo Doe"))
    said = house.fact("ShipmentDelivered")
    assert (said["shipmentId"], said["signedBy"]) == (str(shipment.pk), "Jo Doe")
    assert house.facts(job.order_id) == {"OrderPacked": 1, "ShipmentDelivered": 1}
    assert house.bookings() == []
    house.assert_sound()


def test_what_nobody_collects_is_given_up(house: House) -> None:
    job = house.packed(**COLLECT)
    house.work()
    shipment = house.shipment(job)
    assert refused(house, MarkShipmentLost(shipment_id=shipment.pk)) == "shipment_not_under_way"
    house.do(GiveUpShipment(shipment_id=shipment.pk, reason="waited two weeks"))
    assert house.fact("OrderUndeliverable")["reason"] == "FAILED_DELIVERY"
    assert refused(house, HandOverOrder(shipment_id=shipment.pk, collected_by="x")) == "shipment_over"
    assert refused(house, HandOverOrder(shipment_id=house.shipped().pk, collected_by="x")) == "not_collected"


# What holds it all together


def test_without_the_key_and_without_looking_there_would_be_a_second_parcel(house: House, monkeypatch: Any) -> None:
    """A control: the rule that nothing is booked twice is kept by these two, and the comparison would see it broken."""
    honest = carrier.book
    monkeypatch.setattr(carrier, "book", lambda booking, key: honest(booking, key=str(uuid7())))
    monkeypatch.setattr(carrier, "find", lambda reference: Absent())
    fault(house, "execute_then_timeout", seconds=0, times=1)
    house.packed()
    house.work_to_the_end()
    assert len(house.bookings()) == 2
    assert any("2 bookings" in found.detail for found in compare_with_carrier(map(told_of, house.bookings())))
    with pytest.raises(CommandError, match="differences"):
        call_command("compare_shipments", stdout=StringIO())


def test_the_ledgers_are_compared_by_hand(house: House) -> None:
    house.shipped()
    told = StringIO()
    call_command("compare_shipments", stdout=told)
    assert "both say the same" in told.getvalue()
    fault(house, "down", operation=None)
    with pytest.raises(CommandError, match="could not be asked"):
        call_command("compare_shipments", stdout=told)


# Over HTTP


@pytest.fixture
def service(house: House) -> dict[str, str]:
    return service_token("shipping:write")


def body_of(job: PickingJob) -> dict[str, Any]:
    destination = {"line1": "1 High St", "city": "Leeds", "postcode": "LS1 1AA", "country": "GB"}
    return {"orderId": str(job.order_id), "destination": destination}


def test_a_shipment_is_booked_over_http_once(house: House, service: dict[str, str], client: Client) -> None:
    job = house.packed()
    body = body_of(job) | {"service": "NEXT_DAY", "parcelCount": 2}
    answers = [client.post("/shipments", body, content_type="application/json", headers=service) for _ in range(2)]
    house.work()
    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = (answer.json() for answer in answers)
    assert (first["status"], first["service"], len(first["parcels"])) == ("CREATED", "NEXT_DAY", 2)
    assert first["shipmentId"] == second["shipmentId"]
    assert len(house.bookings()) == 1
    seen = client.get(f"/shipments/{first['shipmentId']}", headers=service).json()
    assert seen["tracking"][0]["status"] == "created"


@pytest.mark.parametrize(("fault_", "status"), [(None, 201), ({"effect": "execute_then_timeout", "seconds": 0}, 201)])
def test_an_unanswered_booking_over_http_is_requested(
    house: House, service: dict[str, str], client: Client, fault_: Any, status: int
) -> None:
    job = house.packed()
    if fault_:
        house.sandbox.add_fault(service="carrier", operation="ship", times=1, **fault_)
    answer = client.post("/shipments", body_of(job), content_type="application/json", headers=service)
    assert (answer.status_code, answer.json()["status"]) == (status, "REQUESTED" if fault_ else "CREATED")
    house.work_to_the_end()
    assert len(house.bookings()) == 1


def test_what_cannot_be_booked_is_a_422(house: House, service: dict[str, str], client: Client) -> None:
    def post_for(job: PickingJob) -> Any:
        return client.post("/shipments", body_of(job), content_type="application/json", headers=service)

    for job in (house.picked(), house.packed(**COLLECT)):
        assert (post_for(job).status_code, post_for(job).json()["code"]) == (422, "order_not_packed")
    nowhere = house.packed(delivery_address=NOWHERE)
    body = body_of(nowhere) | {"destination": {"line1": "x", "city": "y", "postcode": "z", "country": "AQ"}}
    answer = client.post("/shipments", body, content_type="application/json", headers=service)
    assert (answer.status_code, answer.json()["code"]) == (422, "carrier_refused")
    assert house.bookings() == []
    for bad in ({}, {"orderId": "x"}, body | {"parcelCount": 0}, body | {"parcelCount": 2**31 - 1}, body | {"service": "SLOW"}):
        assert client.post("/shipments", bad, content_type="application/json", headers=service).status_code == 400


@contextmanager
def in_the_whole_shop() -> Iterator[None]:
    """Inside, every message is answered by whoever answers it in earnest."""
    with override_settings(SWITCHBOARD="config.switchboard.SWITCHBOARD"):
        switchboard.cache_clear()
        yield
    switchboard.cache_clear()


def test_a_customer_follows_its_own_order_and_nobody_elses(house: House, client: Client) -> None:
    with in_the_whole_shop():
        mine = UUID(register(client)["customerId"])
        token = bearer(log_in(client))
    own, other = house.shipped(customer_id=mine), house.shipped()
    seen = client.get(f"/orders/{own.order_id}/shipment", headers=token)
    assert (seen.status_code, seen.json()["trackingNumber"]) == (200, own.tracking_number)
    missing = client.get(f"/orders/{uuid7()}/shipment", headers=token)
    strange = client.get(f"/orders/{other.order_id}/shipment", headers=token)
    assert (missing.status_code, missing.json()) == (strange.status_code, strange.json())
    assert missing.status_code == 404
    assert client.get(f"/shipments/{own.pk}", headers=token).status_code == 403
    assert client.get(f"/shipments/{own.pk}").status_code == 401
