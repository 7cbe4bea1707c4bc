"""Export the catalogue as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.feeds.exporting import products_as_csv
from catalog.products.states import ProductState


class Command(BaseCommand):
    """A file that a spreadsheet opens safely and that can be imported again."""

    help = "Write every product that is not deleted as CSV, to a file or to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?")
        parser.add_argument("--status", choices=ProductState.values, default="")

    def handle(self, *args: Any, file: str | None, status: str, **options: Any) -> None:
        if file is None:
            for lines in products_as_csv(status):
                self.stdout.write(lines, ending="")
            return
        with Path(file).open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(products_as_csv(status))
