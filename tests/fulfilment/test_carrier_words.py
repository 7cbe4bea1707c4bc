"""Whatever the carrier says, however often and in whatever order: a thousand shipments end where the truth ended."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from uuid_utils.compat import uuid7

from fulfilment.shipping.gateways.answers import ParcelTold, Told
from fulfilment.shipping.journeys import Journey
from fulfilment.shipping.models import Parcel, Shipment
from fulfilment.shipping.settling import settle
from fulfilment.shipping.states import PARCEL_RANK, FailureReason, ParcelStatus

SEQUENCES, WORDS = 1_000, 30
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
# A late first word may book it and end it at once.
LEGAL = {
    ("REQUESTED", "CREATED"), ("REQUESTED", "DELIVERED"), ("REQUESTED", "FAILED"), ("CREATED", "DELIVERED"),
    ("CREATED", "FAILED"),
}  # fmt: skip


def journey(parcels: int) -> Journey:
    """A requested shipment of so many parcels; nothing of it is in any database."""
    shipment = Shipment(
        id=uuid7(), order_id=uuid7(), picking_job_id=uuid7(), customer_id=uuid7(), confirmation_number="ORD-00000001",
        delivery_method="HOME_DELIVERY", parcel_count=parcels,
    )  # fmt: skip
    return Journey(shipment, [Parcel(shipment=shipment, number=number) for number in range(1, parcels + 1)], NOW)


def truth(random: Random, reference: str, parcels: int) -> Iterator[Told]:
    """What really happens to it, word by word, as the carrier tells it."""
    states, at = ["ANNOUNCED"] * parcels, NOW - timedelta(days=9)
    reason = ""
    yield told(reference, states, at, reason)
    while any(state in {"ANNOUNCED", "IN_TRANSIT"} for state in states):
        place = random.randrange(parcels)
        if states[place] not in {"ANNOUNCED", "IN_TRANSIT"}:
            continue
        states[place] = random.choice(["IN_TRANSIT", "DELIVERED", "DELIVERED", "DELIVERED", "FAILED"])
        reason = reason or (random.choice(FailureReason.values) if states[place] == "FAILED" else "")
        at += timedelta(hours=1)
        yield told(reference, states, at, reason)


def told(reference: str, states: list[str], at: datetime, reason: str) -> Told:
    whole = "failed" if "FAILED" in states else "delivered" if set(states) == {"DELIVERED"} else "in_transit"
    return Told(
        carrier_shipment_id=f"c-{reference}",
        reference=reference,
        status="created" if set(states) == {"ANNOUNCED"} else whole,
        carrier="Parcel Post",
        tracking_number="T1",
        at=at,
        parcels=tuple(ParcelTold(f"T{number}", state) for number, state in enumerate(states, start=1)),
        reason=reason if whole == "failed" else "",
    )


def ranks_of(one: Journey) -> list[int]:
    """How far each parcel has come."""
    return [PARCEL_RANK[ParcelStatus(parcel.status)] for parcel in one.parcels]


def heard(random: Random, said: list[Told]) -> list[Told]:
    """Everything at least once, most of it more often, in an order nobody chose."""
    words = [*said, *(random.choice(said) for _ in range(max(0, WORDS - len(said))))]
    random.shuffle(words)
    return words


def test_a_thousand_shipments_end_where_the_truth_ended() -> None:
    random = Random(20)
    endings: Counter[str] = Counter()
    for _ in range(SEQUENCES):
        one = journey(random.randint(1, 4))
        said = list(truth(random, str(one.shipment.pk), len(one.parcels)))
        words = heard(random, said)
        for word in words:
            before, ranks = str(one.shipment.status), ranks_of(one)
            settle(one, word)
            after = str(one.shipment.status)
            assert before == after or (before, after) in LEGAL
            assert all(now >= then for now, then in zip(ranks_of(one), ranks, strict=True))
        final = said[-1]
        assert [parcel.status for parcel in one.parcels] == [parcel.status for parcel in final.parcels]
        assert str(one.shipment.status) == {"delivered": "DELIVERED", "failed": "FAILED"}[final.status]
        facts = Counter(type(fact).__name__ for fact in one.facts)
        assert facts["ShipmentCreated"] == 1
        assert facts["ShipmentDelivered"] == (final.status == "delivered")
        assert facts["ShipmentFailed"] == (final.status == "failed")
        assert len(words) >= WORDS
        endings[final.status] += 1
    assert min(endings.values()) > SEQUENCES // 10
