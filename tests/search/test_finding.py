"""What is found for which words, in which order, and how many of what."""

import pytest

from tests.search.shelves import names, search, shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> None:
    shelf(
        {
            "name": "Wireless Headphones",
            "sku": "HP-100",
            "category": "Audio",
            "price": 9_900,
            "description": "Bluetooth, 30 hours",
        },
        {"name": "Headphone stand", "sku": "ST-7", "category": "Audio", "price": 2_400, "description": "Holds your headphones"},
        {"name": "Red cotton shirt", "sku": "SH-1", "category": "Clothing", "price": 1_900, "description": "Soft and light"},
        {"name": "Shirt hanger", "sku": "HG-2", "category": "Household", "price": 300, "description": "For one red shirt or two"},
        {"name": "Café crème bowl", "sku": "BW/9", "category": "Tableware", "price": 1_250, "description": "Stoneware"},
        {"name": "Studies in blue", "sku": "BK-3", "category": "Books", "price": 1_500, "description": "Paintings"},
        {"name": "The Who: Live", "sku": "CD-4", "category": "Music", "price": 1_200, "description": ""},
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("headphones", ["Wireless Headphones", "Headphone stand"]),
        ("HEADPHONE", ["Wireless Headphones", "Headphone stand"]),
        ("wireless headphones", ["Wireless Headphones"]),
        ("red shirt", ["Red cotton shirt", "Shirt hanger"]),
        ("shirts", ["Shirt hanger", "Red cotton shirt"]),
        ("cafe creme", ["Café crème bowl"]),
        ("CRÈME", ["Café crème bowl"]),
        ("hp-100", ["Wireless Headphones"]),
        ("bw/9", ["Café crème bowl"]),
        ("bluetooth", ["Wireless Headphones"]),
        ("audio", ["Wireless Headphones", "Headphone stand"]),
        ("study", ["Studies in blue"]),
        ("the who", ["The Who: Live"]),
        ("headph", ["Wireless Headphones", "Headphone stand"]),
        ("wireless head", ["Wireless Headphones"]),
        ("studie", ["Studies in blue"]),
        ("nothing like it", []),
        ("...", []),
        ("💥", []),
        ("   ", []),
    ],
)
def test_words_find(shop: None, query: str, found: list[str]) -> None:
    assert names(query) == found


@pytest.mark.parametrize(
    ("typed", "meant", "first"),
    [
        ("hedphones", "headphones", "Wireless Headphones"),
        ("wireles hedphones", "wireless headphones", "Wireless Headphones"),
        ("red shrit", "red shirt", "Red cotton shirt"),
        ("hangre", "hanger", "Shirt hanger"),
    ],
)
def test_what_was_probably_meant_is_found_and_said(shop: None, typed: str, meant: str, first: str) -> None:
    page = search(typed)
    assert page.did_you_mean == meant
    assert page.results[0].name == first


def test_nobody_is_corrected_who_found_something(shop: None) -> None:
    assert search("headphones").did_you_mean is None


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"category": "Clothing"}, ["Red cotton shirt"]),
        ({"category": "clothing"}, []),
        ({"min_price": 1_900}, ["Red cotton shirt"]),
        ({"min_price": 1_901}, []),
        ({"max_price": 300}, ["Shirt hanger"]),
        ({"max_price": 299}, []),
        ({"min_price": 300, "max_price": 1_900}, ["Red cotton shirt", "Shirt hanger"]),
        ({"category": "Household", "max_price": 1_000}, ["Shirt hanger"]),
    ],
)
def test_filters_narrow_it_down(shop: None, filters: dict, found: list[str]) -> None:
    assert sorted(names("shirt", **filters)) == found


def test_a_price_is_within_its_own_bounds_and_not_beyond() -> None:
    prices = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 99, 100, 127, 128, 1_023, 1_024, 10**6, 10**12 - 1, 10**12]
    shelf(*({"name": f"Priced {number}", "price": price} for number, price in enumerate(prices)))
    for number, price in enumerate(prices):
        assert names("priced", min_price=price, max_price=price) == [f"Priced {number}"]
        assert len(names("priced", min_price=price + 1)) == len(prices) - number - 1
        assert len(names("priced", max_price=max(price - 1, 0))) == max(number, 1)


def test_facets_count_the_matches(shop: None) -> None:
    facets = search("shirt").facets
    assert [(one.category, one.count) for one in facets.categories] == [("Clothing", 1), ("Household", 1)]
    assert [(one.from_price, one.below_price, one.count) for one in facets.price_bands] == [(0, 1_000, 1), (1_000, 2_500, 1)]
    assert facets.ratings == []


def test_pages_are_parts_of_one_order() -> None:
    shelf(*({"name": f"Lamp {letter}", "price": 100 * number} for number, letter in enumerate("abcdefg", start=1)))
    for sort in ("relevance", "price_asc", "price_desc", "rating"):
        whole = names("lamp", sort=sort)
        parts = [name for page in (1, 2, 3, 4) for name in names("lamp", sort=sort, page=page, page_size=2)]
        assert parts == whole
        assert len(set(whole)) == 7
    assert names("lamp", sort="price_asc")[0] == "Lamp a"
    assert names("lamp", sort="price_desc")[0] == "Lamp g"


def test_a_page_says_how_many_there_are_in_all() -> None:
    shelf(*({"name": f"Lamp {letter}"} for letter in "abcde"))
    page = search("lamp", page=2, page_size=2)
    assert (page.total, page.total_is_exact, page.page, page.page_size, len(page.results)) == (5, True, 2, 2, 2)
    assert search("lamp", page=9, page_size=2).results == []


def test_more_matches_than_are_ranked_are_counted_as_at_least_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.search.finding.MOST_RANKED", 3)
    made = shelf(
        *({"name": f"Lamp number {letter}", "price": 100 * n} for n, letter in enumerate("gfedcba", start=1)), {"name": "Lamp"}
    )
    page = search("lamp")
    assert (page.total, page.total_is_exact) == (3, False)
    assert page.results[0].product_id == made[-1].product_id  # called exactly so, found last
    cheapest = search("lamp", sort="price_asc", page_size=2)
    assert [result.name for result in cheapest.results] == ["Lamp number g", "Lamp number f"]
    assert [result.name for result in search("lamp", sort="price_desc", page_size=2).results] == ["Lamp", "Lamp number a"]
