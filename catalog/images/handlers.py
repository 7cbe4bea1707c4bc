"""The pictures of a product. What they show is made afterwards, by ``RenderProductImage``."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage
from uuid_utils.compat import uuid7

from catalog.images.gateways.pictures import NoPicture, look
from catalog.images.models import ProductImage
from catalog.images.queries import images_of, view_of
from catalog.images.rendering import RENDER
from catalog.images.sizes import files_of
from catalog.uploads.claiming import claim, forget
from shop.contracts.feeds import DiscardFiles
from shop.contracts.products import (
    AddProductImage,
    ArrangeProductImages,
    ImageList,
    ImageView,
    RemoveProductImage,
    RenderProductImage,
)
from shop.messaging.bus import send
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.sets import fetch_rows, write_fields

MOST_IMAGES: Final = 20
THERE: Final = "SELECT id FROM catalog_product WHERE id = %s AND deleted_at IS NULL FOR UPDATE"

render_product_image = RENDER


def add_product_image(command: AddProductImage) -> ImageView:
    """Take an upload as the product's last picture. Raises ``Missing`` (404), ``Invalid`` (400) for what is no picture, and
    ``Refused`` (409) when the product has enough of them."""
    _lock_product(command.product_id)
    rows = list(ProductImage.objects.filter(product_id=command.product_id).order_by("position"))
    if there := next((row for row in rows if row.upload == command.upload_id), None):
        return view_of(there)
    if len(rows) >= MOST_IMAGES:
        raise Refused("too_many_images", f"A product has at most {MOST_IMAGES} pictures.")
    upload = claim(command.upload_id)
    try:
        with default_storage.open(upload.stored_as) as file:
            look(file, upload.size)
    except NoPicture as no:
        raise Invalid("not_a_picture", f"{upload.file_name} cannot be shown. {no}") from None
    row = ProductImage.objects.create(
        id=uuid7(),
        product_id=command.product_id,
        upload=upload.pk,
        position=rows[-1].position + 1 if rows else 0,
        alternative_text=command.alternative_text or "",
    )
    send(RenderProductImage(image_id=row.pk))
    return view_of(row)


def remove_product_image(command: RemoveProductImage) -> None:
    """Take a picture away, and with it its files. Raises ``Missing`` (404), also the second time."""
    _lock_product(command.product_id)
    row = ProductImage.objects.filter(pk=command.image_id, product_id=command.product_id).first()
    if row is None:
        raise Missing("image_not_found", "The product has no such picture.")
    row.delete()
    forget(row.upload)
    send(DiscardFiles(names=[f"uploads/{row.upload}", *files_of(command.image_id)]))


def arrange_product_images(command: ArrangeProductImages) -> ImageList:
    """Put the pictures of a product into this order. Raises ``Missing`` (404), ``Invalid`` (400) unless all of them are named."""
    _lock_product(command.product_id)
    rows = {row.pk: row for row in ProductImage.objects.filter(product_id=command.product_id)}
    if set(rows) != set(command.image_ids):
        sentence = "Name every picture of the product, and no other."
        raise Invalid("invalid_order", sentence, errors={"imageIds": [sentence]})
    for position, key in enumerate(command.image_ids):
        rows[key].position = position
    write_fields(rows.values(), ["position"])
    return ImageList(images=images_of(command.product_id))


def _lock_product(product_id: UUID) -> None:
    if not fetch_rows(THERE, [product_id]):
        raise Missing("product_not_found", "There is no such product.")
