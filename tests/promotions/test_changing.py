import datetime as dt
from uuid import uuid4

import pytest

from shop.contracts.promotions import (
    ActivatePromotion,
    ClonePromotion,
    EndPromotion,
    PausePromotion,
    ResumePromotion,
    UpdatePromotion,
)
from shop.messaging.bus import execute
from shop.messaging.context import acting
from shop.messaging.errors import Missing, Refused
from shop.messaging.models import OperatorAction
from shop.promotions.models import Promotion
from tests.fulfilment.race import at_once
from tests.promotions.promotions import draft, hold, promotion, quote

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def update(view, **given):
    return execute(UpdatePromotion(promotion_id=view.promotion_id, **given))


def test_a_draft_changes_freely_and_says_what_changed():
    made = draft(code="one", total_limit=5, minimum_spend=100, currency="EUR")
    with acting("staff:mia"):
        view = update(
            made, name="Other", value=2000, code=" two ", clear=["totalLimit", "minimumSpend"], ends_at=NOON, reason="typo"
        )
    assert (view.name, view.value, view.code, view.total_limit, view.version) == ("Other", 2000, "TWO", None, 2)
    action = OperatorAction.objects.get()
    assert (action.actor, action.verb, action.reason) == ("staff:mia", "edit", "typo")
    assert action.before["value"] == 1000
    assert action.after == {
        "name": "Other", "value": 2000, "code": "TWO", "total_limit": None, "minimum_spend": 0, "ends_at": str(NOON),
    }  # fmt: skip


def test_what_is_the_same_changes_nothing():
    made = draft(code="ONE")
    assert update(made, code="one", name=made.name).version == 1
    assert update(made).version == 1


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"value": 0}, "invalid_promotion"),
        ({"value": 10_001}, "invalid_promotion"),
        ({"discount_kind": "FIXED_AMOUNT"}, "invalid_promotion"),
        ({"code": "  "}, "invalid_promotion"),
        ({"starts_at": NOON, "ends_at": NOON}, "invalid_promotion"),
        ({"customer_segment": "nobody in particular"}, "invalid_promotion"),
        ({"code": "X", "clear": ["code"]}, "invalid_promotion"),
        ({"code": "taken"}, "promotion_code_taken"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(given, error):
    draft(code="TAKEN")
    made = draft(code="ONE")
    with pytest.raises(Refused) as refused:
        update(made, **given)
    assert refused.value.code == error
    stored = Promotion.objects.get(pk=made.promotion_id)
    assert (stored.value, stored.code, stored.version) == (1000, "ONE", 1)


def test_of_an_active_one_only_what_was_not_promised_changes():
    made = promotion(code="ONE", total_limit=5)
    hold(promotion_code="ONE")
    hold(promotion_code="ONE")
    assert update(made, name="Other", ends_at=NOON, total_limit=2, priority=7, minimum_spend=0).total_limit == 2
    for given in ({"value": 2000}, {"code": "TWO"}, {"clear": ["code"]}, {"category": "lamps"}, {"customer_segment": "NEW"}):
        with pytest.raises(Refused) as refused:
            update(made, **given)
        assert refused.value.code == "promotion_terms_fixed"
    for given in ({"clear": ["totalLimit"]}, {"per_customer_limit": 1}):
        with pytest.raises(Refused) as refused:
            update(made, **given)
        assert refused.value.code == "promotion_limits_fixed"
    with pytest.raises(Refused) as refused:
        update(made, total_limit=1)
    assert refused.value.code == "promotion_limit_below_uses"


def test_one_that_has_ended_stays_as_it_is():
    made = promotion()
    execute(EndPromotion(promotion_id=made.promotion_id))
    with pytest.raises(Refused) as refused:
        update(made, name="Other")
    assert refused.value.code == "promotion_ended"


def test_a_paused_promotion_applies_to_nobody_until_it_is_resumed():
    made, coded = promotion(name="All"), promotion(code="CODE", value=2000)
    for view in (made, coded):
        for _ in range(2):
            assert execute(PausePromotion(promotion_id=view.promotion_id, reason="stock is short")).paused
    assert quote().discount == 0
    with pytest.raises(Refused) as refused:
        hold(promotion_code="CODE")
    assert refused.value.data == {"reason": "PAUSED"}
    assert OperatorAction.objects.filter(verb="pause").count() == 2
    for _ in range(2):
        assert not execute(ResumePromotion(promotion_id=coded.promotion_id, reason="stock is back")).paused
    assert quote(promotion_code="CODE").discount == 200
    assert Promotion.objects.get(pk=coded.promotion_id).status == "ACTIVE"


@pytest.mark.parametrize("command", [PausePromotion, ResumePromotion])
def test_only_an_active_promotion_pauses(command):
    made = draft()
    with pytest.raises(Refused) as refused:
        execute(command(promotion_id=made.promotion_id))
    assert refused.value.code == "promotion_not_active"


def test_a_clone_has_the_same_terms_no_uses_and_a_code_of_its_own():
    made = promotion(
        code="ONE", value=1250, category="lamps", customer_segment="VIP", total_limit=9, per_customer_limit=2,
        minimum_spend=100, currency="EUR", stackable=True, priority=3, returns_when_cancelled=False,
    )  # fmt: skip
    number = uuid4()
    for _ in range(2):
        copy = execute(ClonePromotion(promotion_id=made.promotion_id, new_promotion_id=number, code="two", name="Two"))
    assert (copy.promotion_id, copy.status, copy.code, copy.uses) == (number, "DRAFT", "TWO", 0)
    mine, theirs = (vars(Promotion.objects.get(pk=pk)) for pk in (number, made.promotion_id))
    differing = {name for name in mine if name != "_state" and mine[name] != theirs[name]}
    assert differing == {"id", "name", "code", "status", "created_at", "version"}
    with pytest.raises(Refused):
        execute(ClonePromotion(promotion_id=made.promotion_id, code="ONE"))


@pytest.mark.parametrize("command", [UpdatePromotion, PausePromotion, ResumePromotion, ClonePromotion])
def test_an_unknown_promotion_is_missing(command):
    with pytest.raises(Missing):
        execute(command(promotion_id=uuid4()))


@pytest.mark.django_db(transaction=True)
def test_a_limit_lowered_while_it_is_being_used_up_still_holds():
    made = promotion(code="RACE", total_limit=20)

    def take():
        try:
            return hold(promotion_code="RACE").discount
        except Refused as refused:
            return refused.data["reason"]

    def lower():
        try:
            return update(made, total_limit=6).total_limit
        except Refused as refused:
            return refused.code

    outcomes = at_once([*[take] * 6, lower, *[take] * 6])
    stored = Promotion.objects.get(pk=made.promotion_id)
    assert stored.uses == outcomes.count(100) <= (stored.total_limit or 0)
    assert (6 in outcomes) == (stored.total_limit == 6)


@pytest.mark.django_db(transaction=True)
def test_a_pause_and_an_activation_each_happen_once():
    made = draft(code="TWICE")
    at_once([lambda: execute(ActivatePromotion(promotion_id=made.promotion_id))] * 4)
    at_once([lambda: execute(PausePromotion(promotion_id=made.promotion_id, reason="x"))] * 4)
    stored = Promotion.objects.get()
    assert (stored.status, stored.paused, stored.version) == ("ACTIVE", True, 3)
    assert OperatorAction.objects.filter(verb="pause").count() == 1
