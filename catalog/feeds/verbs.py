"""What an operator can do to feeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminFileFieldWidget

from catalog.feeds.models import ProductImport
from catalog.feeds.states import ImportState
from catalog.uploads.keeping import keep
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.feeds import ApplyProductImport, CancelProductImport, StartProductImport
from shop.messaging.audit import valid_reason


class UploadForm(ReasonForm):
    """The file."""

    file = forms.FileField(
        label="CSV file",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}),
        help_text="UTF-8. The first line names the columns: sku, name, price, currency; optional: description, category, status.",
    )
    field_order = ("file", "reason")

    def clean_file(self) -> Any:
        """Not larger than what is taken."""
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(f"The file has more than {settings.UPLOAD_MAX_BYTES:,} bytes.")
        return file


class Upload(CommandVerb):
    """Bring a feed."""

    name, label, icon = "upload", "Import a feed", "upload_file"
    meaning = "Reads a CSV file and shows what it would change. Nothing changes before you apply it."
    form: ClassVar[type[forms.Form]] = UploadForm
    on_list = True

    def do(self, model: Any, key: Any, seen: str, given: Mapping[str, Any]) -> str:
        """The file is stored first, in a transaction of its own: what comes after may be tried again."""
        valid_reason(str(given.get("reason", "")))
        upload = keep(given["file"].read, given["file"].name)
        return super().do(model, key, seen, {**given, "upload_id": upload.upload_id})

    def command(self, row: None, given: Mapping[str, Any]) -> Command:
        return StartProductImport(upload_id=given["upload_id"])

    def target_of(self, answer: Any) -> Any:
        return answer.import_id

    def sentence(self, row: None, answer: Any) -> str:
        return f"{answer.file_name} is being read; open it to see how far it is."


class ImportVerb(CommandVerb):
    """A verb on one import."""

    bulk = False
    sources: ClassVar[tuple[ImportState, ...]]

    def refusal(self, row: ProductImport) -> str:
        return "" if row.status in self.sources else f"It is {row.get_status_display().lower()}."

    def snapshot(self, row: ProductImport) -> dict[str, Any]:
        return {"status": row.status, "new": row.new, "changed": row.changed, "applied": row.applied}


class Apply(ImportVerb):
    """Make it so."""

    name, label, icon, tone = "apply", "Apply", "check_circle", "good"
    meaning = "Makes the catalogue what the preview says. Rows whose product has changed since are skipped."
    sources = (ImportState.READY,)

    def refusal(self, row: ProductImport) -> str:
        nothing = row.status == ImportState.READY and not row.new + row.changed
        return "It would change nothing." if nothing else super().refusal(row)

    def command(self, row: ProductImport, given: Mapping[str, Any]) -> Command:
        return ApplyProductImport(import_id=row.pk)

    def sentence(self, row: ProductImport, answer: Any) -> str:
        return f"{answer.new + answer.changed:,} differences are being applied."


class Cancel(ImportVerb):
    """Stop it."""

    name, label, icon, tone = "cancel", "Cancel", "cancel", "bad"
    meaning = "Nothing more of it is applied. What is applied already stays."
    sources = (ImportState.STAGING, ImportState.READY, ImportState.APPLYING)

    def command(self, row: ProductImport, given: Mapping[str, Any]) -> Command:
        return CancelProductImport(import_id=row.pk)

    def sentence(self, row: ProductImport, answer: Any) -> str:
        return f"is cancelled; {answer.applied:,} rows had been applied."


VERBS = (Upload(), Apply(), Cancel())
