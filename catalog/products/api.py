"""Products over HTTP: the public reads what is sold, staff and services with ``catalog:write`` change it."""

from __future__ import annotations

from catalog.products.queries import no_such_product
from shop.contracts.products import AddVariant, CreateProduct, DeleteProduct, GetProduct, ProductDetail, UpdateProduct
from shop.http.permissions import IsStaffOrService, Public
from shop.http.views import CommandView, QueryView


class CreateProductView(CommandView):
    """``POST /products``"""

    command = CreateProduct
    permission_classes = (IsStaffOrService,)


class GetProductView(QueryView):
    """``GET /products/{productId}``: drafts and archived products exist only for our own people."""

    query = GetProduct
    permission_classes = (Public,)

    def admit(self, answer: ProductDetail) -> None:
        """Raise ``Missing`` for what this reader may not see; it looks like a product that never was."""
        if answer.status != "ACTIVE" and not self._ours:
            raise no_such_product()

    def shown(self, answer: ProductDetail) -> ProductDetail:
        """To the public, only what is sold and pictures that can be seen."""
        if self._ours:
            return answer
        variants = [each for each in answer.variants or () if each.status == "ACTIVE"]
        images = [each for each in answer.images or () if each.status == "READY"]
        return answer.model_copy(update={"variants": variants or None, "images": images or None})

    @property
    def _ours(self) -> bool:
        return self.principal.is_operator and self.principal.may(self.required_scope())


class UpdateProductView(CommandView):
    """``PATCH /products/{productId}``"""

    command = UpdateProduct
    permission_classes = (IsStaffOrService,)


class DeleteProductView(CommandView):
    """``DELETE /products/{productId}``: 409 while it has variants."""

    command = DeleteProduct
    also = (409,)
    permission_classes = (IsStaffOrService,)


class AddVariantView(CommandView):
    """``POST /products/{productId}/variants``"""

    command = AddVariant
    permission_classes = (IsStaffOrService,)
