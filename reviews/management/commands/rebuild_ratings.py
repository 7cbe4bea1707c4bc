from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from shop.contracts.moderation import RatingsRebuilt, RebuildRatings, RefreshRatings
from shop.messaging.bus import execute
from shop.messaging.context import acting


class Command(BaseCommand):
    """Ratings counted anew from the reviews, chunk by chunk, while reviews keep coming; then Redis is told."""

    help = "Count the rating of every product anew from its reviews, and write all of them to Redis. Can be repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chunk", type=int, default=500, help="products per transaction")
        parser.add_argument("--actor", default="system:rebuild_ratings")

    def handle(self, *args: Any, **options: Any) -> None:
        products = corrected = 0
        done = RatingsRebuilt(products=0, corrected=0)
        with acting(options["actor"]):
            while done.next or not products:
                done = execute(RebuildRatings(after=done.next, limit=options["chunk"]))
                products, corrected = products + done.products, corrected + done.corrected
                execute(RefreshRatings())
                if not done.products:
                    break
        self.stdout.write(f"{products} products counted, {corrected} corrected")
