from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from shop.messaging.retention import prune_chunk


class Command(BaseCommand):
    """Removes delivered mail that is older than the retention, chunk by chunk, each in a transaction of its own."""

    help = "Remove delivered messages older than MESSAGE_RETENTION_DAYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=None, help="default MESSAGE_RETENTION_DAYS")
        parser.add_argument("--chunk", type=int, default=5_000)

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while True:
            with transaction.atomic():
                removed = prune_chunk(options["chunk"], options["days"])
            total += removed
            if removed < options["chunk"]:
                break
        self.stdout.write(f"{total} messages removed")
