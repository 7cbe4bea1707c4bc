from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.operators import NotHere, require_development
from config.history import NotEmpty, Scale, write


class Command(BaseCommand):
    """Two years of trade for a shop without orders, to see how it behaves with them. All of it or nothing."""

    help = "Write a past of orders, money, stock, mail and reviews into a shop without orders (development only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=int, default=10_000, help="about so many orders")
        parser.add_argument("--messages", type=int, default=30_000, help="so many messages, of the newest checkouts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["orders"] < 1 or options["messages"] < 0:
            raise CommandError("--orders must be at least 1, and --messages not below 0.")
        try:
            require_development()
            write(Scale(options["orders"], options["messages"]), self._tell)
        except (NotHere, NotEmpty) as no:
            raise CommandError(str(no)) from None
        self._tell("written")

    def _tell(self, what: str) -> None:
        self.stdout.write(what)
        self.stdout.flush()
