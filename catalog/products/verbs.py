"""Ordinary editing of products, through the same commands as the API."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.products.models import HIGHEST_PRICE, Product
from catalog.products.states import ProductState
from shop.console.formats import decimals_of
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.products import CreateProduct, DeleteProduct, UpdateProduct
from shop.messaging.errors import Invalid

REASONS = (
    ("DISCONTINUED", "Discontinued"),
    ("DUPLICATE", "Duplicate"),
    ("MERCHANT_REQUEST", "Merchant asked"),
    ("OTHER", "Other"),
)


class ProductForm(ReasonForm):
    """What a product is. The price is typed as people write it."""

    name = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)
    description = forms.CharField(max_length=10_000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))
    price = forms.DecimalField(
        min_value=0, max_digits=18, decimal_places=3, widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$", widget=UnfoldAdminTextInputWidget, help_text="Three capital letters, for example EUR."
    )
    category = forms.CharField(max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    status = forms.ChoiceField(
        choices=ProductState.choices, widget=UnfoldAdminSelectWidget, help_text="Only active products are sold."
    )
    field_order = ("sku", "name", "price", "currency", "category", "status", "description", "reason")


class NewProductForm(ProductForm):
    """A product under a SKU nobody uses."""

    sku = forms.CharField(label="SKU", max_length=200, widget=UnfoldAdminTextInputWidget, help_text="Never changes afterwards.")


class ProductVerb(CommandVerb):
    """A verb of the catalogue. A product's version is the number of its last message."""

    def snapshot(self, row: Product) -> dict[str, Any]:
        return {"name": row.name, "price": row.price, "currency": row.currency, "category": row.category, "status": row.status}


class Create(ProductVerb):
    """Add one."""

    name, label, icon = "create", "Add a product", "add"
    meaning = "Adds a product to the catalogue. A draft is seen by nobody until it is made active."
    form: ClassVar[type[forms.Form]] = NewProductForm
    on_list = True

    def command(self, row: None, given: Mapping[str, Any]) -> Command:
        return CreateProduct(sku=given["sku"], **_fields(given))

    def target_of(self, answer: Any) -> Any:
        return answer.product_id

    def sentence(self, row: None, answer: Any) -> str:
        return f"{answer.sku} is in the catalogue, {answer.status.lower()}."


class Edit(ProductVerb):
    """Change one."""

    name, label, icon, tone, bulk = "edit", "Edit", "edit", "good", False
    meaning = "Changes what differs, and says so to everybody who listens."
    form: ClassVar[type[forms.Form]] = ProductForm

    def initial(self, row: Product | None) -> dict[str, Any]:
        if row is None:
            return {}
        price = Decimal(row.price).scaleb(-decimals_of(row.currency))
        return {
            "name": row.name, "description": row.description, "price": price, "currency": row.currency,
            "category": row.category, "status": row.status,
        }  # fmt: skip

    def refusal(self, row: Product) -> str:
        return "It was deleted." if row.deleted_at else ""

    def command(self, row: Product, given: Mapping[str, Any]) -> Command:
        return UpdateProduct(product_id=row.pk, **_fields(given))

    def sentence(self, row: Product, answer: Any) -> str:
        return "saved."


class StatusVerb(ProductVerb):
    """Moves a product to one status."""

    to: ClassVar[str]
    sources: ClassVar[tuple[str, ...]]

    def refusal(self, row: Product) -> str:
        if row.deleted_at:
            return "It was deleted."
        return "" if row.status in self.sources else f"It is {row.get_status_display().lower()}."

    def command(self, row: Product, given: Mapping[str, Any]) -> Command:
        return UpdateProduct(product_id=row.pk, status=self.to)  # type: ignore[arg-type]  # one of the published statuses

    def sentence(self, row: Product, answer: Any) -> str:
        return f"is {answer.status.lower()} now."


class Activate(StatusVerb):
    """Sell it."""

    name, label, icon, tone = "activate", "Activate", "visibility", "good"
    meaning = "Can be seen and bought from now on."
    to, sources = "ACTIVE", ("DRAFT", "ARCHIVED")


class Archive(StatusVerb):
    """No longer sell it."""

    name, label, icon, tone = "archive", "Archive", "inventory", "plain"
    meaning = "Can no longer be seen or bought. Carts that hold it cannot be checked out."
    to, sources = "ARCHIVED", ("DRAFT", "ACTIVE")


class DeleteForm(ReasonForm):
    """Why, in the published words, and in yours."""

    why = forms.ChoiceField(label="Kind of reason", choices=REASONS, widget=UnfoldAdminSelectWidget)
    field_order = ("why", "reason")


class Delete(ProductVerb):
    """Take it out for good."""

    name, label, icon, tone = "delete", "Delete", "delete", "bad"
    meaning = "Takes it out of the catalogue for good. Orders keep the SKU, name and price they were made with."
    form: ClassVar[type[forms.Form]] = DeleteForm

    def refusal(self, row: Product) -> str:
        return "It was deleted already." if row.deleted_at else ""

    def command(self, row: Product, given: Mapping[str, Any]) -> Command:
        return DeleteProduct(product_id=row.pk, reason=given["why"])

    def sentence(self, row: Product, answer: Any) -> str:
        return "is out of the catalogue."


def _fields(given: Mapping[str, Any]) -> dict[str, Any]:
    scaled = given["price"].scaleb(decimals_of(given["currency"]))
    if scaled != scaled.to_integral_value() or scaled > HIGHEST_PRICE:
        raise Invalid("invalid_price", f"{given['price']} is not a price in {given['currency']}.")
    return {
        "name": given["name"],
        "description": given["description"],
        "price": int(scaled),
        "currency": given["currency"],
        "category": given["category"],
        "status": given["status"],
    }


VERBS = (Create(), Edit(), Activate(), Archive(), Delete())
