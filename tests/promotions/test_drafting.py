import datetime as dt
from uuid import uuid4

import pytest

from shop.contracts.promotions import ActivatePromotion, EndPromotion
from shop.messaging.bus import execute
from shop.messaging.context import acting
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import OperatorAction
from shop.promotions.models import Promotion
from tests.promotions.promotions import draft, promotion, quote

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"value": 0}, "value"),
        ({"value": 10_001}, "value"),
        ({"discount_kind": "FIXED_AMOUNT", "value": 100}, "currency"),
        ({"minimum_spend": 100}, "currency"),
        ({"starts_at": NOON, "ends_at": NOON}, "endsAt"),
        ({"code": "  "}, "code"),
    ],
)
def test_a_promotion_that_contradicts_itself_is_refused(given, field):
    with pytest.raises(Invalid) as invalid:
        draft(**given)
    assert set(invalid.value.errors) == {field}
    assert not Promotion.objects.exists()


def test_a_repeat_answers_with_what_is_there():
    number = uuid4()
    first = draft(promotion_id=number, name="First", code="one")
    assert first.code == "ONE"
    assert draft(promotion_id=number, name="Second", code="two") == first
    assert Promotion.objects.count() == 1


def test_a_code_in_use_is_refused_whatever_its_case():
    draft(code="TAKEN")
    with pytest.raises(Refused) as refused:
        draft(code="taken")
    assert refused.value.code == "promotion_code_taken"
    assert Promotion.objects.count() == 1


def test_a_promotion_applies_from_its_activation_to_its_end():
    made = draft()
    assert quote().discount == 0
    for _ in range(2):
        assert execute(ActivatePromotion(promotion_id=made.promotion_id)).status == "ACTIVE"
    assert quote().discount == 100
    for _ in range(2):
        assert execute(EndPromotion(promotion_id=made.promotion_id, reason="over")).status == "ENDED"
    assert quote().discount == 0


def test_a_promotion_that_was_ended_for_a_reason_says_who_and_why():
    made = promotion()
    with acting("staff:mia"):
        execute(EndPromotion(promotion_id=made.promotion_id, reason="wrong price"))
    record = OperatorAction.objects.get(target_id=str(made.promotion_id))
    assert (record.actor, record.verb, record.reason) == ("staff:mia", "end", "wrong price")
    assert (record.before, record.after) == ({"status": "ACTIVE"}, {"status": "ENDED"})


def test_the_end_of_a_promotion_is_final():
    made = promotion()
    execute(EndPromotion(promotion_id=made.promotion_id))
    with pytest.raises(Refused) as refused:
        execute(ActivatePromotion(promotion_id=made.promotion_id))
    assert refused.value.code == "promotion_ended"
    assert Promotion.objects.get().status == "ENDED"


@pytest.mark.parametrize("command", [ActivatePromotion, EndPromotion])
def test_an_unknown_promotion_is_missing(command):
    with pytest.raises(Missing):
        execute(command(promotion_id=uuid4()))
