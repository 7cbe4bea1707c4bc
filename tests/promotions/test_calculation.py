from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.promotions.calculation import Basket, Line, Terms, allocate, best, by_line, reduction, taken, total


def terms(number, kind, value, **more):
    return Terms(id=UUID(int=number), label=f"P{number}", kind=kind, value=value, **more)


def percent(number, value, **more):
    return terms(number, "PERCENTAGE", value, **more)


def fixed(number, value, **more):
    return terms(number, "FIXED_AMOUNT", value, **more)


def applied(offers, basket):
    return [(each.terms.label, each.amount) for each in best(offers, basket)]


@pytest.mark.parametrize(
    ("base", "basis_points", "amount"),
    [
        (1000, 1000, 100),
        (1005, 1000, 101),  # 100.5: halves go up
        (1004, 1000, 100),  # 100.4
        (1, 5000, 1),  # 0.5
        (1, 4999, 0),
        (999, 10_000, 999),
        (0, 10_000, 0),
    ],
)
def test_a_percentage_is_rounded_half_up_to_the_minor_unit(base, basis_points, amount):
    assert reduction(percent(1, basis_points), base) == amount


def test_a_percentage_is_rounded_once_and_not_per_line():
    lines = [Line(5)] * 10
    assert applied([percent(1, 1000)], Basket(50, lines)) == [("P1", 5)]


def test_a_fixed_amount_takes_no_more_than_there_is():
    assert applied([fixed(1, 500)], Basket(300)) == [("P1", 300)]


def test_stackable_ones_apply_to_what_the_earlier_ones_left():
    offers = [percent(2, 2000, stackable=True, priority=2), percent(1, 1000, stackable=True, priority=1)]
    assert applied(offers, Basket(1000)) == [("P1", 100), ("P2", 180)]


def test_the_customer_gets_the_better_of_one_alone_and_the_stack():
    stack = [percent(1, 1000, stackable=True), fixed(2, 100, stackable=True)]
    assert applied([*stack, percent(3, 1500)], Basket(1000)) == [("P1", 100), ("P2", 100)]
    assert applied([*stack, percent(3, 2500)], Basket(1000)) == [("P3", 250)]


def test_of_two_that_do_not_stack_only_the_better_applies():
    assert applied([fixed(1, 100), fixed(2, 150)], Basket(1000)) == [("P2", 150)]


def test_on_equal_terms_the_stack_and_then_the_smaller_priority_applies():
    assert applied([fixed(1, 100), fixed(2, 100, stackable=True)], Basket(1000)) == [("P2", 100)]
    assert applied([fixed(1, 100, priority=5), fixed(2, 100, priority=4)], Basket(1000)) == [("P2", 100)]


def test_a_category_reduces_only_its_lines():
    basket = Basket(1000, [Line(300, "lamps"), Line(700, "chairs")])
    assert applied([percent(1, 5000, category="lamps")], basket) == [("P1", 150)]
    assert applied([percent(1, 5000, category="tables")], basket) == []


def test_the_last_of_a_stack_finds_nothing_and_is_no_use():
    offers = [fixed(1, 1000, stackable=True, priority=1), percent(2, 1000, stackable=True, priority=2)]
    assert applied(offers, Basket(800)) == [("P1", 800)]


CATEGORIES = st.sampled_from(["", "lamps", "chairs"])
OFFERS = st.builds(
    Terms,
    id=st.uuids(),
    label=st.just("P"),
    kind=st.sampled_from(["PERCENTAGE", "FIXED_AMOUNT"]),
    value=st.integers(1, 10_000),
    category=CATEGORIES,
    stackable=st.booleans(),
    priority=st.integers(-3, 3),
)
LINES = st.lists(st.builds(Line, amount=st.integers(0, 10**7), category=CATEGORIES), max_size=8)


@given(st.lists(OFFERS, max_size=8, unique_by=lambda terms: terms.id), LINES)
def test_never_below_zero_never_worse_than_one_alone_and_never_in_another_order(offers, lines):
    basket = Basket(sum(line.amount for line in lines), lines)
    chosen = best(offers, basket)
    assert 0 <= total(chosen) <= basket.subtotal
    assert all(each.amount > 0 for each in chosen)
    assert total(chosen) >= max((reduction(one, basket.base_of(one.category)) for one in offers), default=0)
    assert len(chosen) <= 1 or all(each.terms.stackable for each in chosen)
    assert total(best(list(reversed(offers)), basket)) == total(chosen)


@given(st.lists(OFFERS, max_size=8, unique_by=lambda terms: terms.id), LINES.filter(bool))
def test_the_shares_of_the_lines_add_up_and_exceed_no_line(offers, lines):
    basket = Basket(sum(line.amount for line in lines), lines)
    chosen = best(offers, basket)
    shares = by_line(chosen, len(lines))
    assert sum(shares) == total(chosen)
    assert all(0 <= share <= line.amount for share, line in zip(shares, lines, strict=True))
    for each in chosen:
        assert sum(each.shares) == each.amount
        assert all(
            not share or each.terms.category in ("", line.category) for share, line in zip(each.shares, lines, strict=True)
        )
    assert taken([(each.terms, each.amount) for each in chosen], basket) == chosen


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=30), st.data())
def test_an_allocation_is_exact_and_nobody_is_more_than_one_unit_off(weights, data):
    whole = sum(weights)
    amount = data.draw(st.integers(0, whole))
    shares = allocate(amount, weights)
    assert sum(shares) == amount
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))
    assert all(abs(share * whole - amount * weight) < whole for share, weight in zip(shares, weights, strict=True) if whole)


@pytest.mark.parametrize(("currency", "subtotal", "discount"), [("JPY", 1005, 101), ("EUR", 1005, 101), ("KWD", 1005, 101)])
def test_the_decimals_of_a_currency_change_nothing(currency, subtotal, discount):
    assert total(best([percent(1, 1000)], Basket(subtotal))) == discount
