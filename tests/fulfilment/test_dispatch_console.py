"""The screens of picking and shipping: what they show, what their buttons do, and what they refuse."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from fulfilment.inventory.models import StockItem
from fulfilment.shipping.models import CarrierWebhook, Shipment
from fulfilment.warehouse.models import PickingJob, PickingLine
from shop.messaging.models import OperatorAction
from tests.console.buttons import screen_of, send
from tests.fulfilment.builders import stocked
from tests.fulfilment.house import House, post
from tests.fulfilment.test_shipping import COLLECT, NOWHERE


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=None), backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, row: Any) -> str:
    answer = client.get(screen_of(type(row)).url_of(row.pk))
    assert answer.status_code == 200
    return answer.content.decode()


def listed(client: Client, model: Any, **query: str) -> list[Any]:
    answer = client.get(screen_of(model).list_url(), query)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def test_a_picker_takes_picks_and_packs_a_job(admin: Client, house: House) -> None:
    job = house.job((stocked(5), 2), (stocked(5), 1))
    assert send(admin, PickingJob, "pack", [job], parcels="1").status_code == 409
    assert send(admin, PickingJob, "start", [job]).status_code == 302
    assert send(admin, PickingJob, "pick", [house.fresh(job)], line="1", picked="2", missing="").status_code == 302
    assert send(admin, PickingJob, "pick", [house.fresh(job)], line="9", picked="2").status_code == 422
    assert send(admin, PickingJob, "pick", [house.fresh(job)], line="2", picked="7").status_code == 409
    assert send(admin, PickingJob, "pick-all", [house.fresh(job)]).status_code == 302
    assert send(admin, PickingJob, "pack", [house.fresh(job)], parcels="0").status_code == 422
    assert send(admin, PickingJob, "pack", [house.fresh(job)], parcels="2").status_code == 302
    done = house.fresh(job)
    assert (done.status, done.parcel_count, done.picker) == ("PACKED", 2, "staff:root")
    verbs = OperatorAction.objects.filter(target_id=str(job.pk)).order_by("id").values_list("verb", flat=True)
    assert [verb.partition(".")[2] for verb in verbs] == ["start", "pick", "pick-all", "pack"]
    assert "have left the stock" in page(admin, done)


def test_what_is_missing_is_decided_on_the_page(admin: Client, house: House) -> None:
    tea = stocked(5)
    jobs = [house.job((tea, 2)) for _ in range(2)]
    for job in jobs:
        send(admin, PickingJob, "start", [job])
        send(admin, PickingJob, "pick", [house.fresh(job)], line="1", picked="1", missing="1")
    assert listed(admin, PickingJob, tab="short") == [job.pk for job in jobs]
    assert "Find it, ship without it, or give the job up" in page(admin, house.fresh(jobs[0]))
    assert send(admin, PickingJob, "found", [house.fresh(jobs[0])]).status_code == 302
    assert send(admin, PickingJob, "ship-without", [house.fresh(jobs[0])]).status_code == 409
    assert send(admin, PickingJob, "ship-without", [house.fresh(jobs[1])]).status_code == 302
    assert send(admin, PickingJob, "give-up", [house.fresh(jobs[1])]).status_code == 302
    assert PickingLine.objects.get(job=jobs[1]).left_out == 1
    assert listed(admin, StockItem, tab="recount") == [tea]
    house.work()
    house.assert_sound()


def test_the_queue_goes_by_priority_and_then_by_age(admin: Client, house: House) -> None:
    old, urgent, new = house.job(), house.job(priority="SAME_DAY"), house.job()
    assert listed(admin, PickingJob) == [urgent.pk, old.pk, new.pk]
    assert listed(admin, PickingJob, q=str(old.order_id)) == [old.pk]
    PickingJob.objects.filter(pk=old.pk).update(dispatch_by="2020-01-01T00:00Z")
    assert listed(admin, PickingJob, tab="overdue") == [old.pk]


def test_pick_lists_are_printed_one_by_one_or_for_the_whole_queue(admin: Client, house: House) -> None:
    jobs = [house.job((stocked(5), 2)) for _ in range(2)]
    address = reverse("admin:fulfilment_pickingjob_print")
    one = admin.get(address, {"ids": str(jobs[0].pk)}).content.decode()
    assert (jobs[0].confirmation_number in one, jobs[1].confirmation_number in one) == (True, False)
    assert "1 High St" not in one
    assert all(job.confirmation_number in admin.get(address).content.decode() for job in jobs)
    assert admin.get(address, {"ids": "nonsense,\x00"}).status_code == 404
    assert Client().get(address).status_code == 302


def test_a_failed_shipment_is_decided_on_its_page(admin: Client, house: House) -> None:
    back, lost, given = house.failed("RETURNED_TO_SENDER"), house.failed("LOST"), house.failed("DAMAGED")
    assert set(listed(admin, Shipment, tab="failed")) == {back.pk, lost.pk, given.pk}
    assert "Send it again, replace it, or give it up" in page(admin, lost)
    assert send(admin, Shipment, "redeliver", [lost]).status_code == 409
    assert send(admin, Shipment, "redeliver", [back]).status_code == 302
    assert send(admin, Shipment, "replace", [lost]).status_code == 302
    assert send(admin, Shipment, "give-up", [given]).status_code == 302
    house.work()
    assert listed(admin, Shipment, tab="failed") == []
    for row in (back, lost, given):
        assert house.fresh(row).get_resolution_display() in page(admin, house.fresh(row))
    house.assert_sound()


def test_a_refused_an_unknown_and_a_waiting_shipment_say_what_is_next(admin: Client, house: House) -> None:
    refused = house.shipped(delivery_address=NOWHERE)
    house.sandbox.add_fault("execute_then_timeout", service="carrier", operation="ship", seconds=0, times=1)
    unknown = house.shipped()
    collected = house.shipped(**COLLECT)
    assert listed(admin, Shipment, tab="refused") == [refused.pk]
    assert listed(admin, Shipment, tab="unknown") == [unknown.pk]
    assert "Nobody delivers to this address" in page(admin, refused)
    assert "asked again under the same key" in page(admin, unknown)
    assert "The customer comes for it" in page(admin, collected)
    assert send(admin, Shipment, "give-up", [unknown]).status_code == 409
    assert send(admin, Shipment, "hand-over", [unknown], collected_by="Jo").status_code == 409
    assert send(admin, Shipment, "hand-over", [collected], collected_by="").status_code == 422
    assert send(admin, Shipment, "hand-over", [collected], collected_by="Jo Doe").status_code == 302
    assert send(admin, Shipment, "retry", [refused]).status_code == 302
    house.work_to_the_end()
    assert house.fresh(collected).status == "DELIVERED"
    assert house.fresh(refused).booking_try == 2


def test_a_silent_shipment_is_asked_about_and_marked_lost(admin: Client, house: House) -> None:
    shipment = house.shipped()
    house.sandbox.advance_shipment(str(shipment.carrier_shipment_id), "in_transit")
    assert send(admin, Shipment, "ask", [shipment]).status_code == 302
    house.work()
    assert "in transit" in page(admin, shipment)
    assert listed(admin, Shipment, q=shipment.tracking_number) == [shipment.pk]
    assert send(admin, Shipment, "lost", [house.fresh(shipment)]).status_code == 302
    assert house.fresh(shipment).failure_reason == "LOST"


def test_a_parked_webhook_is_reprocessed(admin: Client, house: House) -> None:
    fresh = house.shipped()
    data = {"shipmentId": "x", "reference": "nobody", "trackingNumber": "T", "status": "delivered"}
    post({"id": "cev_1", "type": "shipment.delivered", "data": data})
    house.work_to_the_end()
    row = CarrierWebhook.objects.get()
    assert listed(admin, CarrierWebhook, tab="parked") == [row.pk]
    assert send(admin, CarrierWebhook, "reprocess", [row]).status_code == 302
    assert "cev_1" in page(admin, house.fresh(row))
    assert house.fresh(fresh).status == "CREATED"


def test_two_pickers_and_one_job(admin: Client, house: House) -> None:
    job = house.job()
    screen = screen_of(PickingJob)
    verb = screen.verb_named("start")
    assert verb is not None
    seen = {"seen": [f"{job.pk}:{job.version}"], "reason": "mine"}
    assert admin.post(screen.verb_url(verb), seen).status_code == 302
    assert admin.post(screen.verb_url(verb), seen).status_code == 409
