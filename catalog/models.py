"""Every table of the catalogue, gathered for Django from the systems that own them."""

from catalog.categories.models import Category
from catalog.feeds.models import ImportRow, ProductImport
from catalog.images.models import ProductImage
from catalog.products.models import Product, ProductEnrichment, ProductVariant
from catalog.search.models import SearchDocument, SearchGeneration, SearchWord
from catalog.uploads.models import Upload

__all__ = [
    "Category",
    "ImportRow",
    "Product",
    "ProductEnrichment",
    "ProductImage",
    "ProductImport",
    "ProductVariant",
    "SearchDocument",
    "SearchGeneration",
    "SearchWord",
    "Upload",
]
