"""Verbs on what belongs to a product: variants and pictures. Who may edit a product may use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.images.gateways.pictures import MOST_BYTES
from catalog.images.queries import images_of
from catalog.products.models import HIGHEST_PRICE, Product
from catalog.uploads.keeping import keep
from shop.console.formats import decimals_of
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.products import AddProductImage, AddVariant, Characteristic, RemoveProductImage
from shop.messaging.audit import valid_reason
from shop.messaging.errors import Invalid


class VariantForm(ReasonForm):
    """What sets it apart, and what it costs."""

    sku = forms.CharField(label="SKU", max_length=200, widget=UnfoldAdminTextInputWidget)
    options = forms.CharField(
        max_length=1_000, widget=UnfoldAdminTextInputWidget, help_text="Like this: colour=sage, size=XL", label="Options"
    )
    difference = forms.DecimalField(
        label="Price difference",
        max_digits=18,
        decimal_places=3,
        initial=0,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text="Added to this product's price, and follows it. Give it a price of its own afterwards, if it needs one.",
    )
    field_order = ("sku", "options", "difference", "reason")


class OnProduct(CommandVerb):
    """A verb on one product that is there."""

    bulk = False

    def codename(self, model: type[Model]) -> str:
        return f"edit_{model._meta.model_name}"

    def refusal(self, row: Product) -> str:
        return "It was deleted." if row.deleted_at else ""

    def snapshot(self, row: Product) -> dict[str, Any]:
        images = [str(each.image_id) for each in images_of(row.pk)]
        return {"pictures": images, "variants": [str(key) for key in row.variants.order_by("pk").values_list("pk", flat=True)]}


class Vary(OnProduct):
    """Add a variant."""

    name, label, icon = "vary", "Add a variant", "style"
    meaning = "Adds a product of its own that belongs to this one: a draft with its own SKU and stock."
    form: ClassVar[type[forms.Form]] = VariantForm

    def refusal(self, row: Product) -> str:
        is_one = "A variant has no variants." if hasattr(row, "variant") else ""
        return super().refusal(row) or is_one

    def command(self, row: Product, given: Mapping[str, Any]) -> Command:
        scaled = given["difference"].scaleb(decimals_of(row.currency))
        if scaled != scaled.to_integral_value() or abs(scaled) > HIGHEST_PRICE:
            raise Invalid("invalid_price", f"{given['difference']} is not an amount in {row.currency}.")
        options = [pair.partition("=") for pair in given["options"].split(",") if pair.strip()]
        return AddVariant(
            product_id=row.pk,
            sku=given["sku"],
            options=[Characteristic(name=name.strip(), value=value.strip()) for name, _, value in options],
            price_difference=int(scaled),
        )

    def sentence(self, row: Product, answer: Any) -> str:
        return f"has a variant {answer.sku}, a draft."


class ImageForm(ReasonForm):
    """The file, and what it shows."""

    file = forms.FileField(
        label="Picture",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=f"JPEG, PNG or WebP, at most {MOST_BYTES // 2**20} MB.",
    )
    alternative_text = forms.CharField(
        label="What it shows", max_length=200, required=False, widget=UnfoldAdminTextInputWidget,
        help_text="Read out to people who do not see it.",
    )  # fmt: skip
    field_order = ("file", "alternative_text", "reason")

    def clean_file(self) -> Any:
        """Not larger than what is taken."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"A picture has at most {MOST_BYTES // 2**20} MB.")
        return file


class AddImage(OnProduct):
    """Show a picture."""

    name, label, icon = "picture", "Add a picture", "add_photo_alternate"
    meaning = "Its sizes are made in the background; then it can be seen."
    form: ClassVar[type[forms.Form]] = ImageForm

    def do(self, model: Any, key: Any, seen: str, given: Mapping[str, Any]) -> str:
        """The file is stored first, in a transaction of its own: what comes after may be tried again."""
        valid_reason(str(given.get("reason", "")))
        upload = keep(given["file"].read, given["file"].name)
        return super().do(model, key, seen, {**given, "upload_id": upload.upload_id})

    def command(self, row: Product, given: Mapping[str, Any]) -> Command:
        return AddProductImage(
            product_id=row.pk, upload_id=given["upload_id"], alternative_text=given["alternative_text"] or None
        )

    def sentence(self, row: Product, answer: Any) -> str:
        return "has a new picture; its sizes are being made."


class WhichImageForm(ReasonForm):
    """Which one."""

    image = forms.ChoiceField(label="Picture", widget=UnfoldAdminSelectWidget)
    field_order = ("image", "reason")


class RemoveImage(OnProduct):
    """Take a picture away."""

    name, label, icon, tone = "unpicture", "Remove a picture", "hide_image", "plain"
    meaning = "Takes it away, and its files with it."
    form: ClassVar[type[forms.Form]] = WhichImageForm

    def build_form(self, data: Any, row: Product | None, request: HttpRequest) -> forms.Form:
        form = super().build_form(data, row, request)
        field = form.fields["image"]
        assert isinstance(field, forms.ChoiceField)
        if row is not None:
            shown = enumerate(images_of(row.pk), start=1)
            field.choices = [(str(each.image_id), f"{n}. {each.alternative_text or each.status.lower()}") for n, each in shown]
        elif data is not None:
            field.choices = [(data.get("image", ""), "")]  # whether the product has it, the command says
        return form

    def refusal(self, row: Product) -> str:
        return super().refusal(row) or ("" if images_of(row.pk) else "It has no picture.")

    def command(self, row: Product, given: Mapping[str, Any]) -> Command:
        return RemoveProductImage.read_data({"productId": str(row.pk), "imageId": given["image"]})

    def sentence(self, row: Product, answer: Any) -> str:
        return "has one picture less."


BELONGINGS = (Vary(), AddImage(), RemoveImage())
