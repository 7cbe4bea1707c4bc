"""Pictures over HTTP: staff and services with ``catalog:write`` add uploads, arrange and remove them."""

from __future__ import annotations

from shop.contracts.products import AddProductImage, ArrangeProductImages, RemoveProductImage
from shop.http.permissions import IsStaffOrService
from shop.http.views import CommandView


class AddProductImageView(CommandView):
    """``POST /products/{productId}/images``"""

    command = AddProductImage
    permission_classes = (IsStaffOrService,)


class RemoveProductImageView(CommandView):
    """``DELETE /products/{productId}/images/{imageId}``"""

    command = RemoveProductImage
    permission_classes = (IsStaffOrService,)


class ArrangeProductImagesView(CommandView):
    """``POST /products/{productId}/images/order``"""

    command = ArrangeProductImages
    permission_classes = (IsStaffOrService,)
