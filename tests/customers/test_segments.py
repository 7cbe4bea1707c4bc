"""Segments are names that operators give; what follows from purchases is given to nobody."""

from uuid import UUID, uuid4

import pytest
from django.test import Client

from shop.contracts.accounts import AssignSegment, GetSegments, RemoveFromSegment
from shop.contracts.customers import UpdateCustomer
from shop.customers.models import SegmentMember
from shop.messaging.bus import ask, execute
from shop.messaging.context import acting
from shop.messaging.errors import Invalid, Missing, Refused
from tests.customers.people import customer
from tests.promotions.promotions import promotion, quote

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> UUID:
    return UUID(customer(client).id)


def assign(customer_id: UUID, segment: str) -> list[str]:
    segments: list[str] = execute(AssignSegment(customer_id=customer_id, segment=segment)).segments
    return segments


def test_a_customer_is_put_in_and_taken_out_and_twice_is_once(ada: UUID) -> None:
    with acting("staff:mia"):
        assert [assign(ada, "VIP"), assign(ada, "VIP"), assign(ada, "STAFF_2")] == [["VIP"], ["VIP"], ["STAFF_2", "VIP"]]
    assert set(SegmentMember.objects.values_list("assigned_by", flat=True)) == {"staff:mia"}
    for _ in range(2):
        assert execute(RemoveFromSegment(customer_id=ada, segment="VIP")).segments == ["STAFF_2"]
    assert ask(GetSegments(customer_id=ada)).segments == ["STAFF_2"]
    assert ask(GetSegments(customer_id=uuid4())).segments == []


@pytest.mark.parametrize("segment", ["NEW", "RETURNING", "vip", "", "1ST", "A B", "X" * 31, "ÄRZTE", "A\n"])
def test_a_rule_or_no_name_is_refused(ada: UUID, segment: str) -> None:
    with pytest.raises(Invalid):
        assign(ada, segment)
    assert not SegmentMember.objects.exists()


def test_nobody_and_the_closed_are_in_none(ada: UUID) -> None:
    with pytest.raises(Missing):
        assign(uuid4(), "VIP")
    execute(UpdateCustomer(customer_id=ada, status="CLOSED"))
    with pytest.raises(Refused):
        assign(ada, "VIP")


def test_the_fifty_first_is_refused(ada: UUID) -> None:
    for number in range(50):
        assign(ada, f"S{number}")
    with pytest.raises(Refused) as refused:
        assign(ada, "ONE_MORE")
    assert refused.value.code == "too_many_segments"


def test_a_promotion_for_a_segment_is_for_its_members_only(ada: UUID) -> None:
    promotion(code="FRIENDS", customer_segment="VIP")
    promotion(name="Welcome", customer_segment="NEW", value=500)
    assert quote(customer_id=ada).applied_promotions == ["Welcome"]
    with pytest.raises(Refused) as refused:
        quote(promotion_code="FRIENDS", customer_id=ada)
    assert refused.value.data == {"reason": "OTHER_CUSTOMERS"}
    assign(ada, "VIP")
    assert quote(promotion_code="FRIENDS", customer_id=ada).applied_promotions == ["FRIENDS"]
    with pytest.raises(Refused):
        quote(promotion_code="FRIENDS")
