"""``manage.py roles``: who may do what in the back office, as the table in ``docs/roles.md``."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.role_matrix import matrix, placed


class Command(BaseCommand):
    """Prints the table, or writes it into the page."""

    help = "Print which role may see and do what; --write puts it into docs/roles.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="bring docs/roles.md up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["write"]:
            self.stdout.write(matrix())
            return
        page = settings.BASE_DIR / "docs" / "roles.md"
        try:
            page.write_text(placed(page.read_text(encoding="utf-8")), encoding="utf-8")
        except (OSError, ValueError) as problem:
            raise CommandError(f"{page} could not be written: {problem}") from None
        self.stdout.write(f"{page} is up to date.")
