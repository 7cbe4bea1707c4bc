"""The answer to a search: what was typed, what is found, and what was probably meant when nothing is."""

from __future__ import annotations

from typing import Final

from catalog.search.engines import engine
from catalog.search.found import Found, Hit
from catalog.search.generations import live_generation
from shop.contracts.search import (
    CategoryCount,
    PriceBandCount,
    RatingCount,
    SearchFacets,
    SearchFilters,
    SearchPage,
    SearchProducts,
    SearchResult,
)
from shop.messaging.errors import Invalid

FURTHEST: Final = 1_000  # results one can page through; what lies behind is reached by narrowing down


def search_products(query: SearchProducts) -> SearchPage:
    """One page of what matches; active products unless the filter names another status. Nothing matching is an empty page.

    Raises ``Invalid`` (400) for bounds that exclude each other and for pages beyond the first thousand results.
    """
    filters = query.filters or SearchFilters()
    _check(query, filters)
    generation = live_generation()
    if generation is None:
        return _page(query, Found())
    offset = (query.page - 1) * query.page_size
    return _page(query, engine().find(generation, query.query, filters, query.sort, limit=query.page_size, offset=offset))


def _check(query: SearchProducts, filters: SearchFilters) -> None:
    if query.page * query.page_size > FURTHEST:
        sentence = f"Only the first {FURTHEST:,} results can be paged through. Narrow the search down."
        raise Invalid("page_too_far", sentence, errors={"page": [sentence]})
    if filters.min_price is not None and filters.max_price is not None and filters.min_price > filters.max_price:
        sentence = "The lowest price is above the highest."
        raise Invalid("invalid", sentence, errors={"filters.minPrice": [sentence]})


def _page(query: SearchProducts, found: Found) -> SearchPage:
    return SearchPage(
        total=found.total,
        page=query.page,
        page_size=query.page_size,
        results=[_result(hit) for hit in found.hits],
        total_is_exact=found.exact,
        facets=SearchFacets(
            categories=[CategoryCount(category=category, count=count) for category, count in found.categories],
            price_bands=[
                PriceBandCount(from_price=lowest, below_price=below, count=count) for lowest, below, count in found.bands
            ],
            ratings=[RatingCount(at_least=stars, count=count) for stars, count in found.stars],
        ),
        did_you_mean=found.meant,
    )


def _result(hit: Hit) -> SearchResult:
    return SearchResult.model_validate(
        {
            "product_id": hit.product_id,
            "sku": hit.sku,
            "name": hit.name,
            "category": hit.category or None,
            "price": hit.price,
            "currency": hit.currency,
            "score": hit.score,
        },
        strict=False,
    )
