"""What is told about the pictures of a product."""

from __future__ import annotations

from uuid import UUID

from django.core.files.storage import default_storage

from catalog.images.models import ProductImage
from catalog.images.sizes import LARGE, SMALL, stored_as
from catalog.images.states import ImageState
from shop.contracts.products import ImageView


def images_of(product_id: UUID) -> list[ImageView]:
    """The pictures of a product in the order in which they are shown."""
    return [view_of(row) for row in ProductImage.objects.filter(product_id=product_id).order_by("position", "id")]


def view_of(row: ProductImage) -> ImageView:
    """The picture as published. Only one that is ready has addresses."""
    ready = row.status == ImageState.READY
    return ImageView(
        image_id=row.pk,
        status=str(row.status),  # type: ignore[arg-type]  # the published statuses are the states
        url=default_storage.url(stored_as(row.pk, LARGE)) if ready else None,
        thumbnail_url=default_storage.url(stored_as(row.pk, SMALL)) if ready else None,
        width=row.width,
        height=row.height,
        alternative_text=row.alternative_text or None,
        reason=row.reason or None,
    )
