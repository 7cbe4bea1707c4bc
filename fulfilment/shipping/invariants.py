"""What must always be true of shipments, by themselves and beside the carrier's: above all, never a second parcel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from django.db.models import QuerySet

from fulfilment.shipping.gateways.answers import Told
from fulfilment.shipping.models import Shipment
from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

BUDGET_SECONDS: Final = 120  # how long a packed order or an unanswered booking may wait before it counts
SILENT_BUDGET_SECONDS: Final = 3_600
MOST: Final = 100

SENT: Final = "what is packed for a carrier is shipped"
ONCE: Final = "the same parcels are under way, or have arrived, once"
ARRIVED: Final = "a delivered shipment is all of its parcels"
ASKED: Final = "nothing is left unasked"
WORKED: Final = "no webhook waits longer than its budget"
EQUAL: Final = "our shipments are the carrier's"

NOT_SENT: Final = """
    SELECT j.id FROM fulfilment_pickingjob j
    WHERE j.status = 'PACKED' AND j.closed_at < now() - make_interval(secs => %s)
      AND NOT EXISTS (SELECT 1 FROM fulfilment_shipment s WHERE s.picking_job_id = j.id) LIMIT %s
"""
TWICE: Final = """
    SELECT picking_job_id, count(*) FROM fulfilment_shipment WHERE status IN ('CREATED', 'DELIVERED')
    GROUP BY picking_job_id HAVING count(*) > 1 LIMIT %s
"""
PARTLY: Final = """
    SELECT s.id, s.parcel_count, count(*) FILTER (WHERE p.status = 'DELIVERED')
    FROM fulfilment_shipment s LEFT JOIN fulfilment_parcel p ON p.shipment_id = s.id
    WHERE s.status = 'DELIVERED' GROUP BY s.id, s.parcel_count
    HAVING s.parcel_count <> count(*) FILTER (WHERE p.status = 'DELIVERED') LIMIT %s
"""
FORGOTTEN: Final = """
    SELECT id, status FROM fulfilment_shipment
    WHERE (status = 'REQUESTED' AND refused_at IS NULL
           AND (ask_again_at IS NULL OR ask_again_at < now() - make_interval(secs => %s)))
       OR (status = 'CREATED' AND carrier_shipment_id IS NOT NULL
           AND (ask_again_at IS NULL OR ask_again_at < now() - make_interval(secs => %s)))
    LIMIT %s
"""
UNREAD: Final = """
    SELECT id, type FROM fulfilment_carrierwebhook
    WHERE status = 'RECEIVED' AND received_at < now() - make_interval(secs => %s) LIMIT %s
"""


def check() -> Iterator[Violation]:
    """Everything wrong within shipping; at most 100 of each kind."""
    for (job_id,) in fetch_rows(NOT_SENT, [BUDGET_SECONDS, MOST]):
        yield Violation(SENT, str(job_id), "it is packed and has no shipment")
    for job_id, count in fetch_rows(TWICE, [MOST]):
        yield Violation(ONCE, str(job_id), f"{count} shipments of it")
    for shipment_id, wanted, arrived in fetch_rows(PARTLY, [MOST]):
        yield Violation(ARRIVED, str(shipment_id), f"{arrived} of {wanted} parcels arrived")
    for shipment_id, status in fetch_rows(FORGOTTEN, [BUDGET_SECONDS, SILENT_BUDGET_SECONDS, MOST]):
        yield Violation(ASKED, str(shipment_id), f"{status}, and nobody asks the carrier")
    for inbox_id, kind in fetch_rows(UNREAD, [BUDGET_SECONDS, MOST]):
        yield Violation(WORKED, str(inbox_id), f"{kind} was stored and not worked on")


def compare_with_carrier(theirs: Iterable[Told], ours_too: QuerySet[Shipment] | None = None) -> Iterator[Violation]:
    """Where the carrier's shipments and ours differ, both ways. ``theirs`` are all that the carrier has of us, or all that it has
    of ``ours_too``."""
    rows = Shipment.objects.all() if ours_too is None else ours_too
    known = {told.carrier_shipment_id: told for told in theirs}
    ours = {row.carrier_shipment_id: row for row in rows.filter(carrier_shipment_id__isnull=False).iterator()}
    for reference, count in Counter(told.reference for told in known.values()).items():
        if count > 1:
            yield Violation(EQUAL, reference, f"the carrier has {count} bookings for it")
    for carrier_id, told in known.items():
        row = ours.get(carrier_id)
        if row is None:
            yield Violation(EQUAL, told.reference, f"the carrier has {carrier_id}, we know nothing of it")
        elif str(row.pk) != told.reference or (told.status == "delivered" and row.status != "DELIVERED" and not row.resolution):
            yield Violation(EQUAL, str(row.pk), f"we say {row.status}, the carrier says {told.status}")
    for lost in ours.keys() - known.keys():
        yield Violation(EQUAL, str(ours[lost].pk), f"the carrier has no {lost}")
