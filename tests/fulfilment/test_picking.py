"""From a started fulfilment to packed parcels: picked once, short picks decided by a person, stock consumed exactly."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fulfilment.inventory.models import StockItem, StockMovement
from fulfilment.warehouse.models import PickingJob, PickingLine
from shop.contracts.fulfilment import (
    AcceptShortPick,
    FindMissing,
    GiveUpPicking,
    PackOrder,
    PickAllLines,
    PickLine,
    ReceiveStock,
    RecountStock,
    StartPicking,
)
from shop.messaging.bus import execute
from shop.messaging.context import acting
from shop.messaging.errors import Missing, Refused
from shop.messaging.models import Message
from tests.fulfilment.builders import figures, status_of, stocked
from tests.fulfilment.house import House, cancelled, started


def short(house: House, *lines: tuple[UUID, int], missing: int = 1) -> PickingJob:
    """A job whose first line misses so many; everything else is picked."""
    job = house.job(*lines)
    house.do(StartPicking(picking_job_id=job.pk))
    wanted = lines[0][1]
    house.do(PickLine(picking_job_id=job.pk, position=1, picked=wanted - missing, missing=missing))
    house.do(PickAllLines(picking_job_id=job.pk))
    return house.fresh(job)


def refused(house: House, command: Any) -> str:
    with pytest.raises(Refused) as refusal:
        house.do(command)
    return refusal.value.code


def test_a_fulfilment_gives_one_job_however_often_it_is_said(house: House) -> None:
    order = house.order((stocked(5), 2), (stocked(5), 1), priority="EXPEDITED")
    fact = started(order)
    house.tell(fact, fact, started(order))
    house.tell(fact)
    job = PickingJob.objects.get()
    assert (job.pk, job.status, job.rank) == (fact.fulfilment_id, "CREATED", 1)
    assert list(PickingLine.objects.filter(job=job).values_list("position", "quantity")) == [(1, 2), (2, 1)]


def test_many_jobs_are_made_in_as_many_statements_as_few(house: House) -> None:
    def statements(count: int) -> int:
        tea = stocked(count)
        house.say(*[started(house.order((tea, 1))) for _ in range(count)])
        with CaptureQueriesContext(connection) as asked:
            house.work()
        return len(asked)

    few = statements(5)
    assert statements(40) <= few
    assert PickingJob.objects.count() == 45


def test_an_order_that_ended_meanwhile_gets_no_job(house: House) -> None:
    order = house.order((stocked(5), 2), lifecycle_status="CANCELLED")
    house.tell(cancelled(order.order_id), started(order))
    assert not PickingJob.objects.exists()


def test_packing_takes_exactly_what_was_picked_out_of_the_stock(house: House) -> None:
    tea, pot = stocked(10), stocked(4)
    job = house.picked((tea, 3), (pot, 1))
    assert figures(tea) == (10, 3, 7)
    house.do(PackOrder(picking_job_id=job.pk, parcel_count=2))
    assert figures(tea) == (7, 0, 7)
    assert figures(pot) == (3, 0, 3)
    assert status_of(job.reservation_id) == "CONSUMED"
    assert StockMovement.objects.filter(kind="CONSUMED", reservation_id=job.reservation_id).count() == 2
    assert house.facts(job.order_id) == {"OrderPacked": 1, "OrderReadyForShipping": 1}
    packed, ready = house.fact("OrderPacked"), house.fact("OrderReadyForShipping")
    assert (packed["pickingJobId"], packed["parcelCount"]) == (str(job.pk), 2)
    assert ready["shippingAddress"] == {"line1": "1 High St", "city": "Leeds", "postcode": "LS1 1AA", "country": "GB"}
    house.assert_sound()


def test_packing_again_changes_nothing_and_other_parcels_are_refused(house: House) -> None:
    job = house.packed()
    house.do(PackOrder(picking_job_id=job.pk, parcel_count=1))
    assert refused(house, PackOrder(picking_job_id=job.pk, parcel_count=2)) == "wrong_picking_state"
    assert house.facts(job.order_id)["OrderPacked"] == 1


def test_nothing_is_packed_before_every_line_is_picked(house: House) -> None:
    job = house.job((stocked(5), 2), (stocked(5), 1))
    pack = PackOrder(picking_job_id=job.pk, parcel_count=1)
    assert refused(house, pack) == "wrong_picking_state"
    house.do(StartPicking(picking_job_id=job.pk))
    assert refused(house, pack) == "not_all_picked"
    house.do(PickLine(picking_job_id=job.pk, position=1, picked=2))
    assert refused(house, pack) == "not_all_picked"
    view = house.do(PickLine(picking_job_id=job.pk, position=2, picked=1))
    assert [line.picked for line in view.lines] == [2, 1]
    assert house.do(pack).status == "PACKED"


def test_a_job_is_one_pickers(house: House) -> None:
    job = house.job()
    house.do(StartPicking(picking_job_id=job.pk))
    house.do(StartPicking(picking_job_id=job.pk))
    with acting("staff:theo"), pytest.raises(Refused, match="staff:mira"):
        execute(StartPicking(picking_job_id=job.pk))


@pytest.mark.parametrize(("position", "picked", "missing"), [(1, 3, 0), (1, 2, 1), (1, 0, 3)])
def test_more_than_wanted_is_refused(house: House, position: int, picked: int, missing: int) -> None:
    job = house.job()
    house.do(StartPicking(picking_job_id=job.pk))
    command = PickLine(picking_job_id=job.pk, position=position, picked=picked, missing=missing)
    assert refused(house, command) == "more_than_wanted"
    with pytest.raises(Missing):
        house.do(PickLine(picking_job_id=job.pk, position=9, picked=0))


@pytest.mark.parametrize("status", ["ON_HOLD", "CANCELLED", "COMPLETED"])
def test_nothing_is_started_or_packed_for_an_order_that_is_not_being_fulfilled(house: House, status: str) -> None:
    order = house.order((stocked(5), 2))
    house.tell(started(order))
    job = PickingJob.objects.get()
    house.change(order, lifecycle_status=status)
    assert refused(house, StartPicking(picking_job_id=job.pk)) == "order_not_being_fulfilled"
    house.change(order, lifecycle_status="FULFILLING")
    house.do(StartPicking(picking_job_id=job.pk))
    house.do(PickAllLines(picking_job_id=job.pk))
    house.change(order, lifecycle_status=status)
    assert refused(house, PackOrder(picking_job_id=job.pk, parcel_count=1)) == "order_not_being_fulfilled"
    assert status_of(job.reservation_id) == "HELD"


def test_a_short_pick_waits_for_a_decision_and_may_turn_up(house: House) -> None:
    job = short(house, (stocked(5), 3))
    assert job.short_since is not None
    assert refused(house, PackOrder(picking_job_id=job.pk, parcel_count=1)) == "short_pick_undecided"
    view = house.do(FindMissing(picking_job_id=job.pk))
    assert (view.is_short, view.lines[0].picked, view.lines[0].missing) == (False, 2, 0)
    assert refused(house, FindMissing(picking_job_id=job.pk)) == "nothing_missing"
    house.do(PickAllLines(picking_job_id=job.pk))
    house.do(PackOrder(picking_job_id=job.pk, parcel_count=1))
    house.assert_sound()


def test_an_accepted_short_pick_goes_without_and_writes_the_missing_off(house: House) -> None:
    tea, pot = stocked(5), stocked(5)
    job = short(house, (tea, 3), (pot, 1), missing=2)
    house.do(AcceptShortPick(picking_job_id=job.pk, reason="shelf is empty"))
    said = house.fact("ShortPickAccepted")
    assert said["missingItems"] == [{"productId": str(tea), "quantity": 2}]
    assert (said["acceptedBy"], said["pickingJobId"]) == ("staff:mira", str(job.pk))
    assert figures(tea) == (3, 1, 2)
    assert StockItem.objects.get(pk=tea).recount_since is not None
    house.do(PackOrder(picking_job_id=job.pk, parcel_count=1))
    assert figures(tea) == (2, 0, 2)
    assert house.fact("InventoryConsumed")["items"] == sorted(
        [{"productId": str(tea), "quantity": 1}, {"productId": str(pot), "quantity": 1}], key=lambda item: str(item["productId"])
    )
    execute(RecountStock(product_id=tea, counted=4, reason="counted"))
    assert StockItem.objects.get(pk=tea).recount_since is None
    house.assert_sound()


def test_a_whole_missing_line_leaves_the_reservation(house: House) -> None:
    tea, pot = stocked(5), stocked(5)
    job = short(house, (tea, 2), (pot, 1), missing=2)
    house.do(AcceptShortPick(picking_job_id=job.pk, reason="gone"))
    house.do(PackOrder(picking_job_id=job.pk, parcel_count=1))
    assert (figures(tea), figures(pot)) == ((3, 0, 3), (4, 0, 4))
    house.assert_sound()


def test_an_order_of_which_nothing_is_left_is_given_up(house: House) -> None:
    tea = stocked(5)
    job = short(house, (tea, 2), missing=2)
    assert refused(house, AcceptShortPick(picking_job_id=job.pk, reason="gone")) == "nothing_left_to_send"
    house.do(GiveUpPicking(picking_job_id=job.pk, reason="nothing there"))
    house.work()
    said = house.fact("OrderUndeliverable")
    assert (said["reason"], said["pickingJobId"]) == ("NOTHING_TO_PICK", str(job.pk))
    assert house.fresh(job).status == "CANCELLED"
    assert figures(tea) == (3, 0, 3)
    assert refused(house, GiveUpPicking(picking_job_id=job.pk, reason="again")) == "picking_over"
    house.assert_sound()


def test_a_cancelled_order_stops_its_job_and_frees_the_stock(house: House) -> None:
    tea = stocked(5)
    jobs = [house.job((tea, 1)) for _ in range(3)]
    house.do(StartPicking(picking_job_id=jobs[1].pk))
    packed = house.packed((tea, 1))
    house.tell(*[cancelled(job.order_id) for job in (*jobs, packed)])
    assert {house.fresh(job).status for job in jobs} == {"CANCELLED"}
    assert house.fresh(packed).status == "PACKED"
    assert figures(tea) == (4, 0, 4)
    house.assert_sound()


def test_stock_that_is_not_reserved_is_reserved_before_it_is_picked(house: House) -> None:
    tea = stocked(1)
    job = house.job((tea, 2), reserved=False)
    assert refused(house, StartPicking(picking_job_id=job.pk)) == "out_of_stock"
    assert house.fresh(job).status == "CREATED"
    execute(ReceiveStock(product_id=tea, quantity=1))
    house.do(StartPicking(picking_job_id=job.pk))
    assert figures(tea) == (2, 2, 0)
    house.do(PickAllLines(picking_job_id=job.pk))
    house.do(PackOrder(picking_job_id=job.pk, parcel_count=1))
    assert figures(tea) == (0, 0, 0)
    house.assert_sound()


def test_an_order_without_an_address_is_not_packed_for_a_carrier(house: House) -> None:
    job = house.picked((stocked(3), 1), delivery_address=None)
    assert refused(house, PackOrder(picking_job_id=job.pk, parcel_count=1)) == "no_delivery_address"
    collected = house.packed((stocked(3), 1), delivery_address=None, delivery_method="CLICK_AND_COLLECT")
    assert house.facts(collected.order_id) == {"OrderPacked": 1}


def test_every_command_leaves_its_message_with_its_actor(house: House) -> None:
    job = house.packed()
    said = Message.objects.filter(kind="command", key=str(job.pk)).values_list("name", "actor")
    assert set(said) == {("StartPicking", "staff:mira"), ("PickAllLines", "staff:mira"), ("PackOrder", "staff:mira")}
