"""Search over the catalogue: a read model a moment behind the products themselves."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Command, Http, Part, Query
from shop.contracts.fields import (
    LARGEST_BIGINT,
    Count,
    Currency,
    Integer,
    Money,
    Name,
    Page,
    PageSize,
    PositiveMoney,
    RequiredReason,
    Text,
    Unpublished,
    UpToMostItems,
    UtcTime,
    Uuid,
    Uuids,
)
from shop.contracts.products import ProductStatus

OWNER = "search-platform"

Sort = Literal["relevance", "price_asc", "price_desc", "rating"]
GenerationStatus = Literal["BUILDING", "LIVE", "RETIRED", "ABANDONED", "CLEARED"]
GenerationId = Annotated[int, Unpublished(le=LARGEST_BIGINT), Field(ge=1)]


class SearchFilters(Part):
    """What a result must satisfy besides matching; prices are inclusive bounds in minor units."""

    category: Name | None = None
    status: ProductStatus | None = None
    min_price: PositiveMoney | None = None
    max_price: PositiveMoney | None = None


class SearchResult(Part):
    """A matching product as the index last saw it; a higher score matches better."""

    product_id: Uuid
    sku: Name
    name: Name
    category: Name | None = None
    price: Money | None = None
    currency: Currency | None = None
    score: float | None = None


class CategoryCount(Part):
    """How many of the matches are in one category."""

    category: Name
    count: Count


class PriceBandCount(Part):
    """How many of the matches cost at least ``fromPrice`` and less than ``belowPrice``; the last band is open."""

    from_price: Money
    below_price: Money | None = None
    count: Count


class RatingCount(Part):
    """How many of the matches have an average rating of at least this many stars."""

    at_least: Integer
    count: Count


class SearchFacets(Part):
    """The matches counted by what one could narrow them down with."""

    categories: Annotated[list[CategoryCount], UpToMostItems]
    price_bands: Annotated[list[PriceBandCount], UpToMostItems]
    ratings: Annotated[list[RatingCount], UpToMostItems]


class SearchPage(Part):
    """One page of results, best match first, and how many there are in all.

    Where ``totalIsExact`` is false there are at least ``total``, and the facets count that many. ``didYouMean`` is the query
    that was answered instead when nothing matched what was typed.
    """

    total: Integer
    page: Integer
    page_size: Integer
    results: Annotated[list[SearchResult], UpToMostItems]
    total_is_exact: bool | None = None
    facets: SearchFacets | None = None
    did_you_mean: Text | None = None


class SearchProducts(Query):
    """Find products by words in name, description, SKU or category."""

    owner = OWNER
    http = Http("GET", "/search/products", (200, 400))
    response = SearchPage

    query: Annotated[Text, Field(min_length=1)]
    filters: SearchFilters | None = None
    page: Page = 1
    page_size: PageSize = 20
    sort: Sort = "relevance"


class SearchRebuildView(Part):
    """How far a new generation of the index is."""

    generation_id: GenerationId
    status: GenerationStatus
    filled: Count
    expected: Count
    started_at: UtcTime
    live_at: UtcTime | None = None


class GetSearchRebuild(Query):
    """The newest generation of the index: the one being built, else the one that answers."""

    owner = OWNER
    response = SearchRebuildView


class RebuildSearch(Command):
    """Begin a new generation of the index beside the one that answers; it takes over once it is complete."""

    owner = OWNER
    response = SearchRebuildView

    reason: RequiredReason


class FillSearchIndex(Command):
    """Put the next products into a generation that is being built; it asks itself again until there are no more."""

    owner = OWNER

    generation_id: GenerationId


class ClearSearchGeneration(Command):
    """Empty a generation that no longer answers."""

    owner = OWNER

    generation_id: GenerationId


class AbandonSearchRebuild(Command):
    """Give up a generation that is being built; the one that answers goes on."""

    owner = OWNER
    response = SearchRebuildView

    generation_id: GenerationId
    reason: RequiredReason


class ReindexProducts(Command):
    """Take these products into the index as the catalogue has them now, whatever messages said before."""

    owner = OWNER

    product_ids: Annotated[Uuids, Field(min_length=1)]


class PushSearchDocuments(Command):
    """Tell the search engine outside what the index has about these products."""

    owner = OWNER

    product_ids: Annotated[list[Uuid], Field(max_length=1_000)]


class DropSearchIndex(Command):
    """Have the search engine outside forget a generation of the index."""

    owner = OWNER

    generation_id: GenerationId
