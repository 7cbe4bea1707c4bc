"""What the catalogue tells about its products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from catalog.categories.queries import path_of
from catalog.images.queries import images_of
from catalog.products.adding import NewProduct
from catalog.products.models import Product, ProductEnrichment, ProductVariant
from shop.contracts.products import Characteristic, GetProduct, GetProducts, ProductDetail, ProductList, ProductView, VariantView
from shop.messaging.errors import Missing
from shop.messaging.sets import select


def facts_of(product: Product | NewProduct) -> dict[str, Any]:
    """The product's own fields as published: price in minor units, empty texts left out."""
    return {
        "product_id": product.id,
        "sku": product.sku,
        "name": product.name,
        "description": product.description or None,
        "price": product.price,
        "currency": product.currency,
        "category": product.category or None,
        "status": str(product.status),
    }


def view_of(product: Product | NewProduct) -> ProductView:
    """The product as a command answers with it."""
    return ProductView.model_validate(facts_of(product))


def no_such_product() -> Missing:
    """The one answer for a product that never was, was deleted, or is not for these eyes."""
    return Missing("product_not_found", "There is no such product.")


def get_product(query: GetProduct) -> ProductDetail:
    """One product with its pictures and variants, whatever its status. Raises ``Missing`` for an unknown or deleted one."""
    product = Product.objects.filter(pk=query.product_id, deleted_at__isnull=True).first()
    if product is None:
        raise no_such_product()
    return ProductDetail.model_validate(
        {
            **facts_of(product),
            **_enriched(product.id),
            **_place(product.id),
            "category_path": path_of(product.category),
            "images": images_of(product.id) or None,
            "variants": variants_of(product.id) or None,
        }
    )


def get_products(query: GetProducts) -> ProductList:
    """The products of these ids in one statement, whatever their status; unknown and deleted ones are left out."""
    found = select(Product, "WHERE id = ANY(%s) AND deleted_at IS NULL", [query.product_ids])
    return ProductList(products=[view_of(product) for product in found])


def variants_of(base: UUID) -> list[VariantView]:
    """Its variants, the oldest first."""
    found = ProductVariant.objects.filter(base_id=base)
    return [
        VariantView(
            product_id=row.product_id,
            sku=row.product.sku,
            name=row.product.name,
            price=row.product.price,
            currency=row.product.currency,
            status=str(row.product.status),  # type: ignore[arg-type]  # the published statuses are the states
            price_difference=row.price_difference,
            options=characteristics(row.options),
        )
        for row in found.select_related("product").order_by("product_id")
    ]


def characteristics(pairs: Sequence[Sequence[str]]) -> list[Characteristic]:
    """Stored pairs as published."""
    return [Characteristic(name=name, value=value) for name, value in pairs]


def _place(product_id: UUID) -> dict[str, Any]:
    row = ProductVariant.objects.filter(pk=product_id).first()
    return {"variant_of": row.base_id, "options": characteristics(row.options)} if row else {}


def _enriched(product_id: UUID) -> dict[str, Any]:
    row = ProductEnrichment.objects.filter(pk=product_id).first()
    if row is None:
        return {}
    return {"slug": row.slug, "keywords": row.keywords or None, "attributes": characteristics(row.attributes) or None}
