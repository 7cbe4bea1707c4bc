"""Import a CSV feed of products from a file of this machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.uploads.keeping import keep
from shop.contracts.feeds import (
    ApplyProductImport,
    CancelProductImport,
    GetProductImport,
    GetProductImportRows,
    ImportRowView,
    ImportView,
    StartProductImport,
)
from shop.messaging.bus import ask, execute
from shop.messaging.context import acting
from shop.messaging.delivery.drain import drain
from shop.messaging.errors import Refused
from shop.messaging.giving_up import given_up

QUEUE: Final = "catalog"
SHOWN: Final = 10
PAUSE: Final = 0.5


class Command(BaseCommand):
    """Works through the mailbox like any import: workers that are running help, and without any it carries the mail itself."""

    help = "Read a CSV feed, show what it would change, and with --apply change it. An import that was left can be found again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="a CSV file in UTF-8 with sku, name, price, currency")
        parser.add_argument("--import-id", type=UUID, help="an import that was begun before, instead of a file")
        parser.add_argument("--apply", action="store_true", help="apply it once it is compared")
        parser.add_argument("--cancel", action="store_true", help="cancel the import named by --import-id")
        parser.add_argument("--actor", default="system", help="who does it, for the record: staff:mira")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with acting(options["actor"]):
                self._handle(**options)
        except Refused as refusal:
            raise CommandError(refusal.message) from None

    def _handle(self, *, file: str | None, import_id: UUID | None, apply: bool, cancel: bool, **_: Any) -> None:
        if bool(file) == bool(import_id) or (cancel and not import_id):
            raise CommandError("Give either a file, or --import-id of an import that was begun before.")
        view = ask(GetProductImport(import_id=import_id)) if import_id else self._begin(file or "")
        if cancel:
            view = execute(CancelProductImport(import_id=view.import_id))
        view = self._wait(view, "STAGING")
        if view.status == "READY":
            self._preview(view)
            if not apply:
                self.stdout.write(f"Nothing is changed yet. Apply it: import_products --import-id {view.import_id} --apply")
                return
            view = execute(ApplyProductImport(import_id=view.import_id))
        view = self._wait(view, "APPLYING")
        self._tell(view)

    def _begin(self, file: str) -> ImportView:
        path = Path(file)
        try:
            with path.open("rb") as opened:
                upload = keep(opened.read, path.name)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        view: ImportView = execute(StartProductImport(upload_id=upload.upload_id))
        self.stdout.write(f"import {view.import_id} of {view.file_name}")
        return view

    def _wait(self, view: ImportView, while_it_is: str) -> ImportView:
        told = -1
        while view.status == while_it_is:
            if not drain(QUEUE):
                self._still_hoped_for(view)
                time.sleep(PAUSE)
            view = ask(GetProductImport(import_id=view.import_id))
            if view.status == while_it_is and view.progress > told:
                told = view.progress
                self.stdout.write(f"{while_it_is.lower()}: {told} %")
        return view

    def _still_hoped_for(self, view: ImportView) -> None:
        if error := given_up(view.import_id):
            raise CommandError(f"It does not go on: {error}. See deliveries list; retry, or cancel the import.")

    def _preview(self, view: ImportView) -> None:
        self._tell(view)
        for kind in ("CHANGED", "REJECTED"):
            page = ask(GetProductImportRows(import_id=view.import_id, of_kind=kind, limit=SHOWN))
            for row in page.rows:
                self.stdout.write(f"  line {row.line}: {row.sku} {in_words(row)}")

    def _tell(self, view: ImportView) -> None:
        if view.status == "REFUSED":
            raise CommandError(view.reason or "The file is refused.")
        counts = f"{view.new} new, {view.changed} changed, {view.unchanged} unchanged, {view.rejected} rejected"
        done = "" if view.status == "READY" else f"; {view.applied} applied, {view.skipped} skipped"
        self.stdout.write(f"{view.status.lower()}: {view.rows} rows: {counts}{done}")


def in_words(row: ImportRowView) -> str:
    """What is wrong with a row, or what it changes."""
    if row.errors:
        return row.errors
    before, values = (row.before.data() if row.before else {}), row.values.data()
    return ", ".join(f"{name}: {was} → {values.get(name)}" for name, was in before.items())
