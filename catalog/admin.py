"""The screens of the catalogue; Django finds them only here."""

from catalog.categories import admin as categories
from catalog.feeds import admin as feeds
from catalog.products import admin as products
from catalog.search import admin as search

__all__ = ["categories", "feeds", "products", "search"]
