"""The example of ``docs/search.md``, carried out."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from catalog.search.explaining import explain_rank
from shop.messaging.sets import run
from tests.search.shelves import search, shelf

pytestmark = pytest.mark.django_db

PAGE = (Path(settings.BASE_DIR) / "docs" / "search.md").read_text(encoding="utf-8")
QUERY = re.search(r"searches for `([^`]+)`", PAGE)


def table(heading: str) -> list[list[str]]:
    """The cells of the table that begins with this heading."""
    lines = PAGE[PAGE.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_the_documented_example_comes_to_what_it_says() -> None:
    assert QUERY is not None
    goods = table("SKU")
    made = shelf(
        *({"sku": sku, "name": name, "category": category, "description": told} for sku, name, category, told, *_ in goods)
    )
    for product, (*_, stars, reviews) in zip(made, goods, strict=True):
        run(
            "UPDATE catalog_searchdocument SET rating = %s, reviews = %s WHERE product_id = %s",
            [float(stars or 0), int(reviews or 0), product.product_id],
        )
    ids = {product.name: product.product_id for product in made}
    documented = table("Found")
    assert [result.name for result in search(QUERY.group(1)).results] == [name for name, *_ in documented]
    for name, *worth, total in documented:
        told = explain_rank(ids[name], QUERY.group(1))
        red, shirt, concise, called_so, rated = (value for _, value in told.parts)
        assert [red * 2, shirt * 2, concise, called_so, rated] == pytest.approx([float(value) for value in worth])
        assert told.score == pytest.approx(float(total))
        assert f"{float(total):.4f}" in told.sentence
