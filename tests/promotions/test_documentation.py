"""The examples in ``docs/promotions.md`` are what the calculation does."""

import re
from uuid import UUID

import pytest

from shop.promotions.calculation import Basket, Line, Terms, best, by_line
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "promotions.md").read_text(encoding="utf-8")
TABLE = re.search(r"^\| Cart \| Promotions .*?\n\|[-|]+\n(.*?)\n\n", PAGE, re.DOTALL | re.MULTILINE)
ROWS = [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in TABLE.group(1).splitlines()]
TERM = re.compile(r"(?P<value>[\d.]+)(?P<percent>%?)(?P<stacks>s?)(?:@(?P<category>\w+))?")


def line(text):
    amount, _, category = text.partition("@")
    return Line(int(amount), category)


def terms(text, place):
    said = TERM.fullmatch(text)
    return Terms(
        id=UUID(int=place),
        label=text,
        kind="PERCENTAGE" if said["percent"] else "FIXED_AMOUNT",
        value=round(float(said["value"]) * 100) if said["percent"] else int(said["value"]),
        category=said["category"] or "",
        stackable=bool(said["stacks"]),
        priority=place,
    )


def listed(cell):
    return [item.strip() for item in cell.split(",")]


@pytest.mark.parametrize(("cart", "promotions", "applied", "shares"), ROWS)
def test_an_example_is_what_happens(cart, promotions, applied, shares):
    lines = [line(text) for text in listed(cart)]
    offers = [terms(text, place) for place, text in enumerate(listed(promotions))]
    chosen = best(offers, Basket(sum(one.amount for one in lines), lines))
    assert [f"{each.terms.label} {each.amount}" for each in chosen] == listed(applied)
    assert by_line(chosen, len(lines)) == [int(share) for share in listed(shares)]


def test_the_page_has_examples():
    assert len(ROWS) >= 14
