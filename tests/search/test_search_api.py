"""``GET /search/products``: as published, whatever is sent, and never a word of what the public must not see."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.catalog.products import product
from tests.http.endpoints import service_token
from tests.search.shelves import index, shelf

pytestmark = pytest.mark.django_db

PATH = "/search/products"


def get(client: Client, headers: dict[str, str] | None = None, **parameters: Any) -> Any:
    return client.get(f"{PATH}?{urlencode(parameters, doseq=True)}", headers=headers or {})


def filtered(**filters: Any) -> dict[str, Any]:
    return {f"filters[{name}]": value for name, value in filters.items()}


def test_a_page_is_as_published(client: Client) -> None:
    (made,) = shelf({"name": "Brass lamp", "sku": "L-1", "category": "Lighting", "price": 1250, "currency": "EUR"})
    answer = get(client, query="lamp").json()
    (result,) = answer["results"]
    score = result.pop("score")
    assert result == {
        "productId": str(made.product_id), "sku": "L-1", "name": "Brass lamp", "category": "Lighting", "price": 1250,
        "currency": "EUR",
    }  # fmt: skip
    assert score > 0
    assert (answer["total"], answer["page"], answer["pageSize"], answer["totalIsExact"]) == (1, 1, 20, True)
    assert answer["facets"]["categories"] == [{"category": "Lighting", "count": 1}]
    assert "didYouMean" not in answer


def test_filters_are_written_field_by_field_or_as_json(client: Client) -> None:
    shelf({"name": "Lamp one", "price": 100, "category": "A"}, {"name": "Lamp two", "price": 200, "category": "B"})
    for given in (
        filtered(minPrice=150),
        filtered(category="B"),
        filtered(status="ACTIVE", minPrice=101, maxPrice=200),
        {"filters": json.dumps({"category": "B", "minPrice": 150})},
    ):
        assert [one["name"] for one in get(client, query="lamp", **given).json()["results"]] == ["Lamp two"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": "x" * 10_001}, "query"),
        ({"query": ["a", "b"]}, "query"),
        ({"page": 0}, "page"),
        ({"page": -1}, "page"),
        ({"page": "1.5"}, "page"),
        ({"page": "two"}, "page"),
        ({"page": 51}, "page"),
        ({"page": 2**31}, "page"),
        ({"page": 2**70}, "page"),
        ({"pageSize": 0}, "pageSize"),
        ({"pageSize": 101}, "pageSize"),
        ({"pageSize": 10**9}, "pageSize"),
        ({"sort": "best"}, "sort"),
        (filtered(minPrice=-1), "filters.minPrice"),
        (filtered(minPrice="cheap"), "filters[minPrice]"),
        (filtered(minPrice=["1", "2"]), "filters[minPrice]"),
        (filtered(maxPrice=2**70), "filters[maxPrice]"),
        (filtered(maxPrice=2**63), "filters.maxPrice"),
        (filtered(minPrice=2, maxPrice=1), "filters.minPrice"),
        (filtered(status="SOLD"), "filters.status"),
        (filtered(category="x" * 201), "filters.category"),
        ({"filters": '{"minPrice": "1"}'}, "filters.minPrice"),
        ({"filters": "{}", "filters[minPrice]": 1}, "filters"),
        ({"filters": ["{}", "{}"]}, "filters"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(client: Client, given: dict[str, Any], field: str) -> None:
    asked = ({"query": "lamp"} if given and "query" not in given else {}) | given
    response = client.get(f"{PATH}?{urlencode(asked, doseq=True)}")
    assert response.status_code == 400, response.content
    assert set(response.json()["errors"]) == {field}


@pytest.mark.parametrize(
    "query",
    [
        "query=%00",
        "query=a%00b",
        "query=%ff",
        "query=lamp&filters=[]",
        "query=lamp&filters={",
        "query=lamp&filters[category]=%00",
    ],
)
def test_what_cannot_be_read_is_refused(client: Client, query: str) -> None:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code in {200, 400}
    assert response.status_code == 200 or {"code", "message"} <= set(response.json())


TYPED = (
    "'", "''", "\\", "a & b", "a | !b", "a:*", "<->", "(", ")))", "a <2> b", "=n:lamp", "=c:secret", "%", "_", "💥",
    "\u202elamp", "x" * 10_000, "lamp " * 2_000, "'; DROP TABLE catalog_searchdocument; --", "\n\t", "lamp'\\':A",
    "ÄÖÜ ß", "日本", "1e999", "-1", "a" * 3_000 + " lamp", "﷽" * 5_000, "é" * 9_999,
)  # fmt: skip


def test_whatever_is_typed_is_only_words(client: Client) -> None:
    shelf({"name": "Secret lamp", "status": "DRAFT"})
    for query in TYPED:
        response = get(client, query=query)
        assert response.status_code == 200, (query, response.content)
        assert response.json()["results"] == [], query


@pytest.mark.parametrize("status", ["DRAFT", "ARCHIVED"])
def test_what_is_not_sold_leaks_nowhere(client: Client, status: str) -> None:
    shelf({"name": "Zirconium gadget", "sku": "ZG-1", "category": "Prototypes", "status": status})
    for query in ("zirconium", "zirconium gadget", "zg-1", "prototypes", "zirc", "zirkonium", "gadgte"):
        response = get(client, query=query)
        answer = response.json()
        assert (answer["total"], answer["results"]) == (0, []), query
        assert answer["facets"] == {"categories": [], "priceBands": [], "ratings": []}
        assert "didYouMean" not in answer
        assert "irconium" not in response.text
    refused = get(client, query="zirconium", **filtered(status=status))
    assert refused.status_code == 400
    assert set(refused.json()["errors"]) == {"filters.status"}


def test_a_stranger_is_told_the_same_whether_there_are_drafts_or_not(client: Client) -> None:
    before = get(client, query="zirconium", **filtered(status="DRAFT"))
    shelf({"name": "Zirconium gadget", "status": "DRAFT"})
    after = get(client, query="zirconium", **filtered(status="DRAFT"))
    assert (before.status_code, before.content) == (after.status_code, after.content)


def test_our_own_people_find_drafts_by_asking_for_them(client: Client) -> None:
    product(name="Zirconium gadget", status="DRAFT")
    index()
    ours = service_token("catalog:read")
    assert get(client, ours, query="zirconium").json()["total"] == 0
    assert get(client, ours, query="zirconium", **filtered(status="DRAFT")).json()["total"] == 1
    assert get(client, ours, query="zirconium", **filtered(status="ARCHIVED")).json()["total"] == 0


def test_a_service_without_the_scope_is_a_stranger(client: Client) -> None:
    shelf({"name": "Zirconium gadget", "status": "DRAFT"})
    assert get(client, service_token("inventory:read"), query="zirconium", **filtered(status="DRAFT")).status_code == 400


def test_it_answers_before_anything_was_ever_indexed(client: Client) -> None:
    answer = get(client, query="lamp")
    assert (answer.status_code, answer.json()["total"]) == (200, 0)
