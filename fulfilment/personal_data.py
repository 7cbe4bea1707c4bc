"""What fulfilment keeps of an erased customer: parcels, times and the country. Where they went and who signed goes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from fulfilment.shipping.models import Shipment
from fulfilment.warehouse.models import PickingJob
from shop.contracts.addresses import Address
from shop.contracts.personal_data import ForgetCarrierWebhooks, OrderPseudonymised
from shop.contracts.redaction import ERASED, redacted
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches
from shop.messaging.inboxes import just_before, redact_webhooks
from shop.messaging.redaction import redact_history
from shop.messaging.sets import update_rows

# What the carrier calls personal things.
PERSONAL: Final = frozenset({"destination", "email", "name", "phone", "recipient", "recipientName", "signedBy"})
ROOM: Final = dt.timedelta(hours=1)  # for clocks that differ


@in_batches(50)
def forget_destinations_when_order_pseudonymised(batch: Sequence[Envelope[OrderPseudonymised]]) -> None:
    """Picking jobs and shipments of these orders lose street and signature; the carrier's webhooks about them follow."""
    orders = sorted({envelope.message.order_id for envelope in batch})
    jobs = list(
        PickingJob.objects.select_for_update(no_key=True).filter(order_id__in=orders, address__isnull=False).order_by("pk")
    )
    rows = [(job.pk, json.dumps(redacted(Address, job.address))) for job in jobs]  # type: ignore[arg-type]  # not null
    update_rows(PickingJob._meta.db_table, ("id", "uuid"), (("address", "jsonb"),), rows)
    shipments = list(Shipment.objects.select_for_update(no_key=True).filter(order_id__in=orders).order_by("pk"))
    update_rows(
        Shipment._meta.db_table,
        ("id", "uuid"),
        (("destination", "jsonb"), ("signed_by", "text")),
        [_forgotten(shipment) for shipment in shipments],
    )
    redact_history([str(each.pk) for each in (*jobs, *shipments)])
    booked = [shipment for shipment in shipments if shipment.carrier_shipment_id]
    if booked:
        first = just_before(min(shipment.created_at for shipment in booked) - ROOM)
        ids = [str(shipment.carrier_shipment_id) for shipment in booked]
        send(ForgetCarrierWebhooks(carrier_shipment_ids=ids[:200], after=first), cause=batch[0])


def forget_carrier_webhooks(command: ForgetCarrierWebhooks) -> None:
    """Redact one chunk; asks itself for the next one."""
    end = redact_webhooks("fulfilment_carrierwebhook", command.carrier_shipment_ids, PERSONAL, command.after)
    if end is not None:
        send(command.model_copy(update={"after": end}))


def _forgotten(shipment: Shipment) -> tuple[UUID, str | None, str]:
    place = None if shipment.destination is None else json.dumps(redacted(Address, shipment.destination))
    return shipment.pk, place, ERASED if shipment.signed_by else ""
