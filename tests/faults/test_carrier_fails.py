"""A worker dies around the one call that could put a second parcel on the road: wherever it dies, there is one."""

import pytest

from config.sandbox import SandboxControl
from fulfilment.shipping.gateways.reading import told_of
from fulfilment.shipping.invariants import compare_with_carrier
from fulfilment.shipping.models import Shipment
from shop.messaging.models import Message
from tests.boards import using
from tests.faults.tools import Shop, forget_time, killed, open_mail
from tests.fulfilment.house import BOARD, House

pytestmark = [pytest.mark.xdist_group("faults-carrier"), pytest.mark.slow]

BOOKING = "fulfilment.shipping.create_shipment"
POINTS = ("outside.after_claim", "outside.after_call", "outside.before_commit")


def test_killed_at_every_point_of_a_booking_there_is_one_parcel(shop: Shop) -> None:
    carrier = shop.sandbox.urls["carrier"]
    with SandboxControl(carrier) as control:
        with using(BOARD):
            house = House(control)
            jobs = [house.packed() for _ in range(3)]
        for point in POINTS:
            (shop.folder / "crashed").unlink(missing_ok=True)
            assert shop.work(f"{point}:{BOOKING}", CARRIER_API_BASE=carrier) == killed(), point
            forget_time()
        assert shop.work(CARRIER_API_BASE=carrier) == 0
        shipments = Shipment.objects.filter(order_id__in=[job.order_id for job in jobs])
        assert set(shipments.values_list("status", flat=True)) == {"CREATED"}
        assert Message.objects.filter(name="ShipmentCreated").count() == len(jobs)
        bookings = control.ledger("carrier")["shipments"]
        assert sorted(one["reference"] for one in bookings) == sorted(str(row.pk) for row in shipments)
        assert list(compare_with_carrier(map(told_of, bookings))) == []
        assert open_mail() == 0
