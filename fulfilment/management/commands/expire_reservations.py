"""Let go of every reservation that was held too long."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fulfilment.inventory.queries import count_overdue
from shop.contracts.fulfilment import ExpireReservations
from shop.messaging.bus import execute
from shop.messaging.context import acting

MOST_PER_CHUNK = 10_000


class Command(BaseCommand):
    """Works in chunks, one transaction each, until nothing is left that nobody else is working on."""

    help = "Release reservations whose time is up, by the database's clock."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chunk", type=int, default=500, help="reservations per transaction")

    def handle(self, *args: Any, chunk: int, **options: Any) -> None:
        if not 1 <= chunk <= MOST_PER_CHUNK:
            raise CommandError(f"--chunk is between 1 and {MOST_PER_CHUNK}.")
        found = overdue = count_overdue()
        with acting("system"):
            while overdue:
                execute(ExpireReservations(limit=chunk))
                before, overdue = overdue, count_overdue()
                if overdue >= before:
                    break
        self.stdout.write(f"{found - overdue} reservations expired, {overdue} left to others.")
