"""A few products to look for, and mail delivered to the index."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from config.switchboard import INDEXING
from shop.contracts.products import ProductView
from shop.contracts.search import SearchFilters, SearchPage, SearchProducts
from shop.messaging.bus import ask
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.routing import switchboard
from tests.catalog.products import product
from tests.mail import deliver_all


def deliver(*names: str) -> None:
    """Deliver what is due to the index and its commands, until nothing is; to these subscribers only if any are named."""
    routes = [route for route in switchboard().all_routes() if route.name.startswith("catalog.search.")]
    deliver_all(only={route.name for route in routes if not names or route.name.rpartition(".")[2] in names})


def index() -> None:
    """Deliver the mail of products and ratings, and nothing else."""
    while deliver_batch(INDEXING):
        pass


def shelf(*goods: dict[str, Any]) -> list[ProductView]:
    """These products, in the index."""
    made = [product(**given) for given in goods]
    index()
    return made


def search(query: str, *, sort: Any = "relevance", page: int = 1, page_size: int = 20, **filters: Any) -> SearchPage:
    """The page that answers."""
    narrowed = SearchFilters(**filters) if filters else None
    found: SearchPage = ask(SearchProducts(query=query, filters=narrowed, page=page, page_size=page_size, sort=sort))
    return found


def names(query: str, **given: Any) -> list[str]:
    """What is found, by name, best first."""
    return [result.name for result in search(query, **given).results]


def ids(query: str, **given: Any) -> set[UUID]:
    """What is found, by id."""
    return {result.product_id for result in search(query, **given).results}
