"""``manage.py export_contracts``: the published language for those who read it, generate code from it or validate against it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.catalogue.exports import FORMATS


class Command(BaseCommand):
    """Writes files below a folder. The same code gives the same bytes; what else lies in the folder stays there."""

    help = "Write every contract in one of several formats below a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=[*FORMATS], default="jsonschema")
        parser.add_argument("folder", type=Path, metavar="DIR", help="where to write; made if it is not there")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if folder.exists() and not folder.is_dir():
            raise CommandError(f"{folder} is a file. Name a folder.")
        files = FORMATS[options["format"]]()
        for name, text in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {len(files)} files below {folder}.")
