"""The values of a query string are text, and only there is text read as a number."""

import pytest
from pydantic import ValidationError

from shop.contracts.reviews import GetProductReviews
from shop.contracts.search import SearchProducts


def test_a_query_string_is_read() -> None:
    query = GetProductReviews.read_strings({"productId": "p-1", "page": "3", "sort": "highest"})

    assert (query.page, query.page_size, query.sort) == (3, 20, "highest")


@pytest.mark.parametrize("page", ["0", "3.5", "three", "", "9999999999"])
def test_a_page_that_is_none_is_refused(page: str) -> None:
    with pytest.raises(ValidationError):
        GetProductReviews.read_strings({"productId": "p-1", "page": page})


def test_filters_are_read_from_a_query_string_too() -> None:
    query = SearchProducts.read_strings({"query": "mug", "filters": {"minPrice": "100", "status": "ACTIVE"}})

    assert query.filters is not None
    assert (query.filters.min_price, query.filters.status) == (100, "ACTIVE")
