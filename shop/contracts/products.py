"""Catalogue: products."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    AllDifferent,
    Count,
    Currency,
    Limit,
    Money,
    Name,
    Names,
    PositiveMoney,
    RequiredName,
    Text,
    UpToMostItems,
    UtcTime,
    Uuid,
    Uuids,
)

OWNER = "product-platform"

# Only an ACTIVE product can be sold.
ProductStatus = Literal["DRAFT", "ACTIVE", "ARCHIVED"]
DeletionReason = Literal["DISCONTINUED", "DUPLICATE", "MERCHANT_REQUEST", "OTHER"]
ImageStatus = Literal["PROCESSING", "READY", "REJECTED"]


class ProductView(Part):
    """A product as the catalogue has it now."""

    product_id: Uuid
    sku: Name
    name: Name
    description: Text | None = None
    price: Money
    currency: Currency
    category: Name | None = None
    status: ProductStatus


class Characteristic(Part):
    """One thing a product is: ``colour``, ``sage``. Of a variant what sets it apart, else what the rules found in its texts."""

    name: RequiredName
    value: RequiredName


class ImageView(Part):
    """A picture of a product. READY ones have addresses and a size in pixels, REJECTED ones a reason."""

    image_id: Uuid
    status: ImageStatus
    url: Text | None = None
    thumbnail_url: Text | None = None
    width: Count | None = None
    height: Count | None = None
    alternative_text: Name | None = None
    reason: Text | None = None


class ImageList(Part):
    """The pictures of one product in the order in which they are shown."""

    images: Annotated[list[ImageView], UpToMostItems]


class VariantView(Part):
    """A variant: a product of its own. With a ``priceDifference`` its price follows the base product's."""

    product_id: Uuid
    sku: Name
    name: Name
    price: Money
    currency: Currency
    status: ProductStatus
    price_difference: Money | None = None
    options: Annotated[list[Characteristic], UpToMostItems]


class ProductDetail(ProductView):
    """A product with everything that hangs on it. ``categoryPath`` are the slugs from the root of the tree down to its category.

    Only variants that are sold are listed for the public.
    """

    slug: Name | None = None
    keywords: Names | None = None
    category_path: Text | None = None
    variant_of: Uuid | None = None
    options: Annotated[list[Characteristic], UpToMostItems] | None = None
    attributes: Annotated[list[Characteristic], UpToMostItems] | None = None
    images: Annotated[list[ImageView], UpToMostItems] | None = None
    variants: Annotated[list[VariantView], UpToMostItems] | None = None


class ProductList(Part):
    """The products that were found, in no particular order; an unknown id is simply missing."""

    products: Annotated[list[ProductView], UpToMostItems]


class CreateProduct(Command):
    """Add a product under an unused SKU; a DRAFT unless said otherwise."""

    owner = OWNER
    http = Http("POST", "/products", (201, 400, 409))
    response = ProductView

    sku: Name
    name: RequiredName
    description: Text | None = None
    price: PositiveMoney
    currency: Currency
    category: Name | None = None
    status: ProductStatus | None = None


class UpdateProduct(Command):
    """Change the given fields of a product; the ones left out stay as they are. The SKU never changes."""

    owner = OWNER
    key = "product_id"
    http = Http("PATCH", "/products/{productId}", (200, 400, 404))
    response = ProductView

    product_id: Uuid
    name: RequiredName | None = None
    description: Text | None = None
    price: PositiveMoney | None = None
    currency: Currency | None = None
    category: Name | None = None
    status: ProductStatus | None = None


class DeleteProduct(Command):
    """Take a product out of the catalogue. Orders keep the SKU, name and price they were made with."""

    owner = OWNER
    key = "product_id"
    http = Http("DELETE", "/products/{productId}", (204, 404))

    product_id: Uuid
    reason: DeletionReason | None = None


class AddVariant(Command):
    """Add a variant of a product: a product of its own, with a SKU of its own, that carts and stock know by its id.

    It takes over description, currency and category. Its price is ``price``, or the base product's and ``priceDifference``, which
    then follows the base product's price. Without a name it is called like the base product and its options.
    """

    owner = OWNER
    key = "product_id"
    http = Http("POST", "/products/{productId}/variants", (201, 400, 404, 409))
    response = ProductView

    product_id: Uuid
    sku: Name
    options: Annotated[list[Characteristic], Field(min_length=1, max_length=10)]
    name: RequiredName | None = None
    price: PositiveMoney | None = None
    price_difference: Money | None = None
    status: ProductStatus | None = None


class RefileProducts(Command):
    """Move the products of a category that was renamed to its new name, so many at a time."""

    owner = OWNER

    former_name: RequiredName
    name: RequiredName
    limit: Limit = 1_000


class EnrichProducts(Command):
    """Fill in what is missing from products that are new or have changed: description, slug, keywords, attributes.

    So many at a time. ``again`` also looks at those once more that other rules than today's have looked at.
    """

    owner = OWNER

    limit: Limit = 500
    again: bool = False


class AddProductImage(Command):
    """Show an uploaded file as the last picture of a product. Its sizes are made afterwards; then it is READY or REJECTED.

    The same upload is added to a product once.
    """

    owner = OWNER
    key = "product_id"
    http = Http("POST", "/products/{productId}/images", (202, 400, 404, 409))
    response = ImageView

    product_id: Uuid
    upload_id: Uuid
    alternative_text: Name | None = None


class RenderProductImage(Command):
    """Make the sizes of a picture in which it is shown."""

    owner = OWNER
    key = "image_id"

    image_id: Uuid


class RemoveProductImage(Command):
    """Take a picture away from a product."""

    owner = OWNER
    key = "product_id"
    http = Http("DELETE", "/products/{productId}/images/{imageId}", (204, 404))

    product_id: Uuid
    image_id: Uuid


class ArrangeProductImages(Command):
    """Show the pictures of a product in this order. All of them have to be named."""

    owner = OWNER
    key = "product_id"
    http = Http("POST", "/products/{productId}/images/order", (200, 400, 404))
    response = ImageList

    product_id: Uuid
    image_ids: Annotated[Uuids, AllDifferent]


class CreatedProduct(Part):
    """The product as it was created."""

    product_id: Uuid
    sku: Name
    name: Name
    description: Text | None = None
    price: PositiveMoney
    currency: Currency
    category: Name | None = None
    status: ProductStatus


class ProductCreated(Event):
    """A product exists. First of its product's messages, which arrive in order."""

    owner = OWNER
    key = "product.product_id"

    event_id: Uuid
    occurred_at: UtcTime
    product: CreatedProduct


class ProductChanges(Part):
    """The new values of the changed fields, at least one."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    name: Name | None = None
    description: Text | None = None
    price: PositiveMoney | None = None
    currency: Currency | None = None
    category: Name | None = None
    status: ProductStatus | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(value is None for _, value in self):
            raise ValueError("at least one change is needed")
        return self


class ProductUpdated(Event):
    """A product changed. Carries only what is new."""

    owner = OWNER
    key = "product_id"

    event_id: Uuid
    occurred_at: UtcTime
    product_id: Uuid
    changes: ProductChanges


class ProductDeleted(Event):
    """A product left the catalogue. The last of its product's messages."""

    owner = OWNER
    key = "product_id"

    event_id: Uuid
    occurred_at: UtcTime
    product_id: Uuid
    reason: DeletionReason | None = None


class GetProduct(Query):
    """One product with its pictures and variants, whatever its status."""

    owner = OWNER
    http = Http("GET", "/products/{productId}", (200, 404))
    response = ProductDetail

    product_id: Uuid


class GetProducts(Query):
    """Many products at once, whatever their status: what a cart is priced from."""

    owner = OWNER
    response = ProductList

    product_ids: Uuids
