"""Confirmation numbers never collide and cannot be counted along."""

import re
from itertools import pairwise

import pytest

from ordering.orders.confirmation import CAPACITY, SeriesExhausted, allot, confirmation_number, permuted


def test_a_hundred_thousand_are_all_different_and_well_formed() -> None:
    numbers = [confirmation_number(count) for count in range(100_000)]
    assert len(set(numbers)) == 100_000
    assert all(re.fullmatch(r"ORD-[0-9]{8}", number) for number in numbers)


def test_the_far_end_of_the_series_does_not_meet_its_beginning() -> None:
    ends = [permuted(count, "key") for count in (*range(5_000), *range(CAPACITY - 5_000, CAPACITY))]
    assert len(set(ends)) == 10_000
    assert all(0 <= end < CAPACITY for end in ends)


def test_neighbours_are_not_next_to_each_other() -> None:
    numbers = [permuted(count, "key") for count in range(1_000)]
    assert sum(abs(one - other) < 1_000 for one, other in pairwise(numbers)) < 5


def test_another_key_is_another_series() -> None:
    assert [permuted(count, "one") for count in range(10)] != [permuted(count, "other") for count in range(10)]


def test_after_the_last_one_there_is_no_silent_repeat() -> None:
    with pytest.raises(SeriesExhausted):
        permuted(CAPACITY, "key")


@pytest.mark.django_db
def test_allotted_numbers_are_never_allotted_again() -> None:
    _, first = allot(50)
    _, second = allot(50)
    assert len({*first, *second}) == 100
