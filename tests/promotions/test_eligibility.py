import datetime as dt
from uuid import uuid4

import pytest

from shop.contracts.promotions import EndPromotion
from shop.contracts.shopping import BasketLine
from shop.messaging.bus import execute
from shop.messaging.errors import Invalid, Refused
from shop.promotions.models import CompletedCheckout, PromotionUse
from tests.promotions.promotions import draft, hold, promotion, quote

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def now():
    return dt.datetime.now(dt.UTC)


def reason_for(code, **given):
    """Why ``code`` does not apply, which quote and checkout agree on."""
    with pytest.raises(Refused) as quoted:
        quote(promotion_code=code, **given)
    with pytest.raises(Refused) as held:
        hold(promotion_code=code, **given)
    assert (quoted.value.status, held.value.status) == (400, 409)
    assert quoted.value.code == held.value.code == "promotion_not_applicable"
    assert quoted.value.message == held.value.message
    assert not PromotionUse.objects.filter(promotion__code=code.upper()).exists()
    return held.value.data["reason"]


def test_without_promotions_nothing_is_let_off():
    assert quote().data() == {"discount": 0, "appliedPromotions": []}


def test_an_automatic_promotion_applies_by_itself_under_its_name():
    promotion(name="Autumn")
    assert quote(1005).data() == {"discount": 101, "appliedPromotions": ["Autumn"]}


def test_a_quote_holds_nothing():
    promotion(total_limit=1)
    assert [quote().discount for _ in range(3)] == [100, 100, 100]
    assert not PromotionUse.objects.exists()


def test_a_code_applies_whatever_its_case_and_only_when_given():
    promotion(code="Save10")
    assert quote().discount == 0
    assert quote(promotion_code=" save10 ").data() == {"discount": 100, "appliedPromotions": ["SAVE10"]}


def test_a_code_beaten_by_an_automatic_promotion_gives_way_to_it():
    promotion(code="SAVE10")
    promotion(name="Half", value=5000)
    assert quote(promotion_code="SAVE10").data() == {"discount": 500, "appliedPromotions": ["Half"]}


def test_an_unknown_code_and_a_draft_look_alike():
    draft(code="SECRET")
    assert reason_for("SECRET") == reason_for("NEVER-WAS") == "UNKNOWN"


def test_a_code_that_has_ended():
    ended = promotion(code="OLD")
    execute(EndPromotion(promotion_id=ended.promotion_id))
    promotion(code="PAST", ends_at=now() - HOUR)
    assert reason_for("OLD") == reason_for("PAST") == "EXPIRED"


def test_a_code_before_its_time():
    promotion(code="SOON", starts_at=now() + HOUR)
    assert reason_for("SOON") == "NOT_STARTED"


def test_an_automatic_promotion_applies_only_within_its_window():
    promotion(name="Past", ends_at=now() - HOUR)
    promotion(name="Soon", starts_at=now() + HOUR)
    assert quote().discount == 0
    promotion(name="Now", starts_at=now() - HOUR, ends_at=now() + HOUR)
    assert quote().applied_promotions == ["Now"]


def test_a_code_in_another_currency():
    promotion(code="DOLLARS", discount_kind="FIXED_AMOUNT", value=100, currency="USD")
    assert reason_for("DOLLARS") == "OTHER_CURRENCY"
    assert quote(currency="USD", promotion_code="DOLLARS").discount == 100


def test_a_code_below_its_minimum():
    promotion(code="BIG", minimum_spend=1001, currency="EUR")
    assert reason_for("BIG") == "BELOW_MINIMUM"
    assert quote(1001, promotion_code="BIG").discount == 100


def test_a_code_for_a_category_needs_something_of_it():
    promotion(code="LAMPS", category="lamps")
    assert reason_for("LAMPS") == "NOTHING_ELIGIBLE"
    lamp = BasketLine(product_id=uuid4(), quantity=2, unit_price=200, category="lamps")
    chair = BasketLine(product_id=uuid4(), quantity=1, unit_price=600, category="chairs")
    assert quote(promotion_code="LAMPS", items=[lamp, chair]).discount == 40
    assert hold(promotion_code="LAMPS", items=[lamp, chair]).discount == 40


def test_items_have_to_add_up():
    lamp = BasketLine(product_id=uuid4(), quantity=2, unit_price=200)
    with pytest.raises(Invalid) as invalid:
        quote(401, items=[lamp])
    assert invalid.value.code == "invalid_cart"


def test_a_segment_of_customers():
    regular = uuid4()
    CompletedCheckout.objects.create(checkout_session_id=uuid4(), customer_id=regular)
    promotion(code="WELCOME", customer_segment="NEW")
    promotion(code="THANKS", customer_segment="RETURNING")
    assert reason_for("WELCOME", customer_id=regular) == "OTHER_CUSTOMERS"
    assert reason_for("THANKS", customer_id=uuid4()) == "OTHER_CUSTOMERS"
    assert quote(promotion_code="WELCOME", customer_id=uuid4()).discount == 100
    assert quote(promotion_code="THANKS", customer_id=regular).discount == 100


def test_a_customer_who_has_used_it_as_often_as_allowed():
    promotion(code="TWICE", per_customer_limit=2)
    customer = uuid4()
    for _ in range(2):
        assert hold(promotion_code="TWICE", customer_id=customer).discount == 100
    with pytest.raises(Refused) as refused:
        hold(promotion_code="TWICE", customer_id=customer)
    assert refused.value.data == {"reason": "USED_BY_CUSTOMER"}
    assert hold(promotion_code="TWICE", customer_id=uuid4()).discount == 100


def test_an_exhausted_code_is_refused_and_an_exhausted_automatic_one_is_left_out():
    promotion(code="ONE", total_limit=1, value=2000)
    promotion(name="First", total_limit=1)
    assert hold(promotion_code="ONE").applied_promotions == ["ONE"]
    assert hold().applied_promotions == ["First"]
    assert reason_of_exhausted("ONE") == "EXHAUSTED"
    assert hold().discount == 0


def reason_of_exhausted(code):
    with pytest.raises(Refused) as refused:
        hold(promotion_code=code)
    return refused.value.data["reason"]
