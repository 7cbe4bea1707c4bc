"""What promotions take off a cart: arithmetic only, no database. ``docs/promotions.md`` works it out by example.

The rule, in minor units throughout, whatever their number of decimals:

1. A percentage takes ``base times basis points / 10 000``, rounded to the nearest minor unit, halves up, once per promotion
   (never per line, so ten lines of 0.05 at 10 % give 0.05, not 0.10). A fixed amount takes its value, at most its base.
2. The base is what earlier promotions left of the whole cart, or of the lines of the promotion's category.
3. Stackable promotions apply one after another by ``priority`` and then by id. So 10 % and 20 % together take 28 %, and nothing
   falls below zero.
4. One that is not stackable applies alone. The customer gets whatever takes off most: the best single promotion that is not
   stackable, or all stackable ones together; on equal terms the stack, then the smaller priority, then the smaller id.
5. A promotion that takes nothing is not applied and counts as no use.
6. What a promotion takes is shared among the lines it concerns in proportion to what is left of each, by largest remainder, on
   equal remainders the earlier line. The shares of all lines add up to the discount exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from shop.promotions.states import PromotionKind

WHOLE: Final = 10_000  # basis points


@dataclass(frozen=True, slots=True)
class Terms:
    """What a promotion says about money. ``category`` is empty for the whole cart."""

    id: UUID
    label: str
    kind: str
    value: int
    category: str = ""
    stackable: bool = False
    priority: int = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A line's amount (quantity times unit price, minor units) and category."""

    amount: int
    category: str = ""


@dataclass(frozen=True, slots=True)
class Basket:
    """A cart as promotions see it. ``lines`` may be unknown (empty); then nothing is known of any category."""

    subtotal: int
    lines: Sequence[Line] = ()

    def base_of(self, category: str) -> int:
        """The part of the cart that a promotion of this category may reduce."""
        if not category:
            return self.subtotal
        return sum(line.amount for line in self.lines if line.category == category)

    @property
    def parts(self) -> Sequence[Line]:
        """Its lines, or itself as a single one of no category."""
        return self.lines or (Line(self.subtotal),)


@dataclass(frozen=True, slots=True)
class Applied:
    """A promotion, what it took off, more than nothing, and which part of that off each line; a single part if none is known."""

    terms: Terms
    amount: int
    shares: Sequence[int] = ()


def reduction(terms: Terms, base: int) -> int:
    """What this promotion takes off ``base``: between nothing and all of it."""
    if terms.kind == PromotionKind.PERCENTAGE:
        return min(base, (base * terms.value + WHOLE // 2) // WHOLE)
    return min(base, terms.value)


def best(offers: Iterable[Terms], basket: Basket) -> tuple[Applied, ...]:
    """The promotions that apply to ``basket`` by the rule above, in the order in which they apply."""
    in_order = sorted(offers, key=lambda terms: (terms.priority, terms.id))
    alone = [_stacked([terms], basket) for terms in in_order if not terms.stackable]
    together = _stacked([terms for terms in in_order if terms.stackable], basket)
    return max([together, *alone], key=total)


def total(applied: Iterable[Applied]) -> int:
    """The whole discount."""
    return sum(each.amount for each in applied)


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` shared in proportion to ``weights`` by largest remainder; no share exceeds its weight if ``amount`` does not
    exceed their sum."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % whole), place))
    for place in by_remainder[: amount - sum(shares)]:
        shares[place] += 1
    return shares


def by_line(applied: Iterable[Applied], count: int) -> list[int]:
    """The discount of each of ``count`` lines."""
    totals = [0] * count
    for each in applied:
        totals = [sum(pair) for pair in zip(totals, each.shares, strict=True)]
    return totals


def taken(amounts: Iterable[tuple[Terms, int]], basket: Basket) -> tuple[Applied, ...]:
    """What was decided before, shared among the lines again: the same amounts in the same order give the same shares."""
    return _applied(basket, ((terms, partial(min, amount)) for terms, amount in amounts))


def _stacked(offers: Iterable[Terms], basket: Basket) -> tuple[Applied, ...]:
    return _applied(basket, ((terms, partial(reduction, terms)) for terms in offers))


def _applied(basket: Basket, offers: Iterable[tuple[Terms, Callable[[int], int]]]) -> tuple[Applied, ...]:
    left = [line.amount for line in basket.parts]
    applied = []
    for terms, take in offers:
        concerned = [
            amount if terms.category in ("", line.category) else 0 for line, amount in zip(basket.parts, left, strict=True)
        ]
        amount = take(sum(concerned))
        if amount:
            shares = allocate(amount, concerned)
            applied.append(Applied(terms, amount, tuple(shares)))
            left = [rest - share for rest, share in zip(left, shares, strict=True)]
    return tuple(applied)
