"""Put finished orders away whose retention is over. The timetable does it hourly; this does it now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from shop.contracts.ordering.archiving import ArchiveOrders
from shop.messaging.bus import execute
from shop.messaging.context import acting


class Command(BaseCommand):
    """Sends one command; the workers write, read back, and only then remove."""

    help = "Archives finished orders older than ORDER_RETENTION_DAYS to Django's default storage"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=200, help="at most so many")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting("staff:shell"):
            execute(ArchiveOrders(limit=options["limit"]))
        self.stdout.write("Finished orders whose retention is over are on their way to the archive.")
