import datetime as dt
from contextlib import contextmanager
from itertools import cycle
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from shop.contracts.ordering.checkout import CheckoutAborted, CheckoutCompleted
from shop.contracts.ordering.events import OrderCancelled
from shop.contracts.promotions import EndPromotion
from shop.messaging.bus import call, execute, publish, unit_of_work
from shop.messaging.delivery.drain import drain
from shop.messaging.errors import Refused
from shop.messaging.models import Delivery, Message
from shop.promotions import handlers
from shop.promotions.invariants import promotion_violations
from shop.promotions.models import CompletedCheckout, Promotion, PromotionUse
from shop.promotions.settling import give_back, give_back_of_orders, keep
from tests.messaging.tools import run_threads
from tests.promotions.promotions import hold, holding, promotion

pytestmark = pytest.mark.django_db(transaction=True)

NOW = dt.datetime.now(dt.UTC)


@contextmanager
def without_constraint(table, name):
    """The database without this constraint. Afterwards the promotions are gone and it is back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
        ((definition,),) = cursor.fetchall()
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE shop_promotion, shop_promotionuse")
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def completed(*sessions, customer=None):
    with unit_of_work():
        for session in sessions:
            publish(
                CheckoutCompleted(
                    checkout_session_id=session,
                    cart_id=uuid4(),
                    customer_id=customer or uuid4(),
                    order_id=uuid4(),
                    completed_at=NOW,
                )
            )
    settle()


def aborted(*sessions):
    with unit_of_work():
        for session in sessions:
            publish(CheckoutAborted(checkout_session_id=session, cart_id=uuid4(), reason="ERROR", aborted_at=NOW))
    settle()


def settle():
    while drain("shopping"):
        pass
    assert not Delivery.objects.filter(queue="shopping").exclude(status="done").exists()


def uses(view):
    return Promotion.objects.get(pk=view.promotion_id).uses


def states():
    return sorted(PromotionUse.objects.values_list("status", flat=True))


def test_a_held_use_is_stored_and_stated_with_what_it_took_off():
    made = promotion(code="HELD", total_limit=5)
    session, cart, customer = uuid4(), uuid4(), uuid4()
    hold(1005, promotion_code="held", checkout_session_id=session, cart_id=cart, customer_id=customer)
    use = PromotionUse.objects.get()
    assert (use.promotion_id, use.checkout_session_id, use.cart_id, use.customer_id) == (
        made.promotion_id,
        session,
        cart,
        customer,
    )
    assert (use.amount, use.status, uses(made)) == (101, "HELD", 1)
    stated = Message.objects.get(name="DiscountCalculated")
    assert (stated.key, stated.correlation_id) == (str(cart), session)
    assert (stated.payload["discount"], stated.payload["appliedPromotions"]) == (101, ["HELD"])


def test_a_repeat_of_the_same_session_holds_no_second_use():
    made = promotion(code="ONCE", total_limit=1, per_customer_limit=1)
    session, customer = uuid4(), uuid4()
    checkout = holding(999, promotion_code="ONCE", checkout_session_id=session, customer_id=customer)
    assert execute(checkout) == execute(checkout)
    assert execute(checkout).lines[0].discount == 100
    assert (uses(made), PromotionUse.objects.count()) == (1, 1)


def test_nothing_let_off_holds_and_states_nothing():
    promotion(name="Big carts", minimum_spend=5000, currency="EUR")
    assert hold(1000).discount == 0
    assert not PromotionUse.objects.exists()
    assert not Message.objects.filter(name="DiscountCalculated").exists()


def test_only_what_applied_is_used():
    loser = promotion(name="Ten", value=1000, total_limit=3)
    winner = promotion(name="Twenty", value=2000, total_limit=3)
    assert hold().applied_promotions == ["Twenty"]
    assert (uses(loser), uses(winner)) == (0, 1)


def test_the_uses_of_an_order_are_kept():
    made = promotion(code="KEEP", total_limit=1)
    session = uuid4()
    hold(promotion_code="KEEP", checkout_session_id=session)
    completed(session)
    aborted(session)
    assert (states(), uses(made)) == (["KEPT"], 1)
    with pytest.raises(Refused):
        hold(promotion_code="KEEP")


def test_the_uses_of_a_failed_checkout_are_given_back_once():
    made = promotion(code="BACK", total_limit=2, per_customer_limit=1)
    session, customer = uuid4(), uuid4()
    hold(promotion_code="BACK", checkout_session_id=session, customer_id=customer)
    hold(promotion_code="BACK")
    aborted(session)
    aborted(session)
    completed(session)
    assert (states(), uses(made)) == (["GIVEN_BACK", "HELD"], 1)
    assert hold(promotion_code="BACK", customer_id=customer).discount == 100


def test_a_completed_checkout_makes_a_customer_a_returning_one_once():
    customer, session = uuid4(), uuid4()
    completed(session, customer=customer)
    completed(session, customer=customer)
    assert CompletedCheckout.objects.filter(customer_id=customer).count() == 1


def test_what_is_held_outlives_the_end_of_its_promotion():
    made = promotion(code="LAST", total_limit=3)
    session = uuid4()
    hold(promotion_code="LAST", checkout_session_id=session)
    execute(EndPromotion(promotion_id=made.promotion_id))
    completed(session)
    assert (states(), uses(made)) == (["KEPT"], 1)


@pytest.mark.parametrize("endings", [completed, aborted])
def test_a_batch_of_endings_costs_the_same_however_large(endings, django_assert_max_num_queries):
    promotion(name="All", total_limit=100)
    sessions = [uuid4() for _ in range(45)]
    for session in sessions:
        hold(checkout_session_id=session)
    spent = []
    for batch in (sessions[:5], sessions[5:]):
        with django_assert_max_num_queries(60) as queries:
            endings(*batch)
        spent.append(len(queries))
    assert spent[0] == spent[1]
    assert "HELD" not in states()


def two_hundred_takers(code):
    """Twenty at once, ten times each: what every one of them got."""
    outcomes = []

    def take():
        for _ in range(10):
            try:
                outcomes.append(hold(promotion_code=code).discount)
            except Refused as refused:
                outcomes.append(refused.data["reason"])

    run_threads(20, take)
    return outcomes


def test_of_two_hundred_takers_of_twenty_uses_exactly_twenty_get_one():
    made = promotion(code="TWENTY", total_limit=20)
    outcomes = two_hundred_takers("TWENTY")
    assert (outcomes.count(100), outcomes.count("EXHAUSTED")) == (20, 180)
    assert (uses(made), PromotionUse.objects.count()) == (20, 20)
    assert list(promotion_violations()) == []


def test_without_the_row_lock_more_than_twenty_would_get_one(monkeypatch):
    """The control: counting without the lock, and without the constraint behind it, the same race is lost and found out."""
    monkeypatch.setattr(handlers, "with_limits_locked", list)
    made = promotion(code="TWENTY", total_limit=20)
    with without_constraint("shop_promotion", "promotion_uses_within_limit"):
        outcomes = two_hundred_takers("TWENTY")
        assert outcomes.count(100) > 20
        assert uses(made) > 20
        assert "a promotion is used no more often than its limit" in {found.rule for found in promotion_violations()}


def test_one_customer_at_once_gets_no_more_than_allowed():
    promotion(code="MINE", per_customer_limit=1)
    customer, outcomes = uuid4(), []

    def take():
        try:
            outcomes.append(hold(promotion_code="MINE", customer_id=customer).discount)
        except Refused as refused:
            outcomes.append(refused.data["reason"])

    run_threads(10, take)
    assert (outcomes.count(100), outcomes.count("USED_BY_CUSTOMER")) == (1, 9)
    assert PromotionUse.objects.filter(customer_id=customer).count() == 1


def test_one_use_settled_many_times_at_once_is_settled_once():
    made = promotion(code="RACE", total_limit=9)
    session = uuid4()
    hold(promotion_code="RACE", checkout_session_id=session)
    for _ in range(3):
        hold(promotion_code="RACE")

    def settle_it():
        with unit_of_work():
            next(settlers)({session: uuid4()})

    settlers = cycle([give_back, keep])
    run_threads(12, settle_it)
    status = PromotionUse.objects.get(checkout_session_id=session).status
    assert (status, uses(made)) in {("KEPT", 4), ("GIVEN_BACK", 3)}


def test_promotions_without_limits_do_not_make_checkouts_wait_for_each_other():
    promotion(name="For all")
    amounts = []
    with unit_of_work():
        amounts.append(call(holding()).discount)
        run_threads(1, lambda: amounts.append(execute(holding()).discount))
    assert amounts == [100, 100]
    assert PromotionUse.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"uses": 6}, {"value": 0}, {"value": 10_001}, {"code": "small"}, {"currency": ""}])
def test_the_database_refuses_what_the_rules_refuse(wrong):
    made = promotion(total_limit=5, minimum_spend=1, currency="EUR")
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.filter(pk=made.promotion_id).update(**wrong)


def cancelled(*orders):
    with unit_of_work():
        for order in orders:
            publish(OrderCancelled(order_id=order, reason="CUSTOMER_REQUESTED", cancelled_at=NOW))
    settle()


def ordered(session, order):
    with unit_of_work():
        publish(
            CheckoutCompleted(checkout_session_id=session, cart_id=uuid4(), customer_id=uuid4(), order_id=order, completed_at=NOW)
        )
    settle()


@pytest.mark.parametrize("told_first", ["that it came about", "that it was cancelled"])
def test_a_cancelled_order_gives_its_use_back_whatever_is_told_first(told_first):
    made = promotion(code="CANCEL", total_limit=2)
    session, order = uuid4(), uuid4()
    hold(promotion_code="CANCEL", checkout_session_id=session)
    hold(promotion_code="CANCEL")
    tellings = [lambda: ordered(session, order), lambda: cancelled(order)]
    for tell in tellings if told_first == "that it came about" else reversed(tellings):
        tell()
    cancelled(order)
    ordered(session, order)
    assert (states(), uses(made)) == (["GIVEN_BACK", "HELD"], 1)
    assert hold(promotion_code="CANCEL").discount == 100


def test_a_promotion_may_say_that_a_cancelled_order_counts():
    made = promotion(code="COUNTS", total_limit=1, returns_when_cancelled=False)
    session, order = uuid4(), uuid4()
    hold(promotion_code="COUNTS", checkout_session_id=session)
    ordered(session, order)
    cancelled(order)
    assert (states(), uses(made)) == (["KEPT"], 1)
    assert PromotionUse.objects.get().order_id == order


def test_told_both_at_the_same_moment_a_use_comes_back():
    made = promotion(code="BOTH", total_limit=9)
    orders = {uuid4(): uuid4() for _ in range(6)}
    for session in orders:
        hold(promotion_code="BOTH", checkout_session_id=session)
    work = [
        keep_one
        for session, order in orders.items()
        for keep_one in (
            lambda session=session, order=order: keep({session: order}),
            lambda order=order: give_back_of_orders([order]),
        )
    ]

    def tell():
        with unit_of_work():
            work.pop()()

    run_threads(12, tell)
    assert (set(states()), uses(made)) == ({"GIVEN_BACK"}, 0)
