"""Changes to products. Each commits with the message that states it, numbered under the product's row lock."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

from catalog.products.adding import NewProduct, add
from catalog.products.changing import Locked, change, lock
from catalog.products.models import Product, ProductVariant
from catalog.products.queries import no_such_product, view_of
from catalog.products.rules import check
from catalog.products.states import ProductState
from catalog.products.variants import add_variant_of, sku_taken
from shop.contracts.products import (
    AddVariant,
    CreateProduct,
    DeleteProduct,
    ProductDeleted,
    ProductView,
    RefileProducts,
    UpdateProduct,
)
from shop.messaging.bus import publish, send
from shop.messaging.errors import Refused
from shop.messaging.sets import fetch_rows


def create_product(command: CreateProduct) -> ProductView:
    """Add a product. Raises ``Invalid`` (400) by the rules of the catalogue and ``Refused`` (409) for a SKU in use."""
    check(dict(command))
    product = NewProduct(
        sku=command.sku,
        name=command.name,
        description=command.description or "",
        price=command.price,
        currency=command.currency,
        category=command.category or "",
        status=command.status or ProductState.DRAFT.value,
    )
    if not add([product]):
        raise sku_taken()
    return view_of(product)


def update_product(command: UpdateProduct) -> ProductView:
    """Change what differs and say only that; when nothing differs, nothing is said.

    Raises ``Missing`` (404) for an unknown product and ``Invalid`` (400) by the rules of the catalogue.
    """
    check(dict(command))
    held, product = _held(command.product_id)
    change(held, {product.id: dict(command)})
    return view_of(product)


def delete_product(command: DeleteProduct) -> None:
    """Take a product out of the catalogue for good; its row stays. Raises ``Missing`` (404), also the second time, and
    ``Refused`` (409) while it has variants. A deleted variant is none any more, so its options are free again."""
    _, product = _held(command.product_id)
    if ProductVariant.objects.filter(base=product).exists():
        raise Refused("has_variants", "It has variants: delete those first, or archive it.")
    ProductVariant.objects.filter(product=product).delete()
    product.deleted_at = product.updated_at = product.now  # type: ignore[attr-defined]  # fetched with the lock
    product.deletion_reason = command.reason or ""
    product.sequence += 1
    product.save(update_fields=["deleted_at", "deletion_reason", "updated_at", "sequence"])
    publish(
        ProductDeleted(event_id=uuid7(), occurred_at=product.updated_at, product_id=product.id, reason=command.reason),
        sequence=product.sequence,
    )


def add_variant(command: AddVariant) -> ProductView:
    """Add a variant of a product.

    Raises ``Missing`` (404), ``Invalid`` (400), or ``Refused`` (409) for options or a SKU in use.
    """
    _, base = _held(command.product_id)
    return view_of(add_variant_of(base, command))


def refile_products(command: RefileProducts) -> None:
    """Give products the new name of their category, one chunk at a time, until none has the former one."""
    found = fetch_rows(
        "SELECT id FROM catalog_product WHERE category = %s AND deleted_at IS NULL ORDER BY id DESC LIMIT %s",
        [command.former_name, command.limit],
    )
    held = lock((key for (key,) in found), pricing=False)
    change(held, {key: {"category": command.name} for key, each in held.products.items() if each.category == command.former_name})
    if len(found) == command.limit:
        send(command)


def _held(product_id: UUID) -> tuple[Locked, Product]:
    held = lock([product_id])
    if product_id not in held.products:
        raise no_such_product()
    return held, held.products[product_id]
