"""Build a new search index beside the one that answers, and switch to it."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.contracts.search import GetSearchRebuild, RebuildSearch, SearchRebuildView
from shop.messaging.bus import ask, execute
from shop.messaging.context import acting
from shop.messaging.delivery.drain import drain
from shop.messaging.errors import Missing, Refused

QUEUE = "catalog"
LOOK_EVERY = 2.0  # seconds


class Command(BaseCommand):
    """Starts a rebuild, or goes along with the one that is running, and lends a hand until it is done. It may be interrupted:
    the workers go on with it, and so does the next call."""

    help = "Build a new search index while the old one answers, then switch to it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="manage.py rebuild_search", help="kept with the index")
        parser.add_argument("--no-wait", action="store_true", help="leave it to the workers")

    def handle(self, *args: Any, reason: str, no_wait: bool, **options: Any) -> None:
        with acting("system"):
            started = self._start(reason)
        self.stdout.write(f"Index {started.generation_id} is being built: about {started.expected:,} products.")
        if no_wait:
            return
        told, view = 0.0, started
        while view.generation_id == started.generation_id and view.status == "BUILDING":
            if not drain(QUEUE, budget=LOOK_EVERY):
                time.sleep(LOOK_EVERY / 10)
            view = ask(GetSearchRebuild())
            if time.monotonic() - told > LOOK_EVERY:
                self.stdout.write(f"{view.filled:,} of about {view.expected:,}")
                told = time.monotonic()
        if view.generation_id != started.generation_id:
            raise CommandError(f"Index {started.generation_id} was given up; index {view.generation_id} answers.")
        self.stdout.write(f"Index {view.generation_id} answers: {view.filled:,} products.")

    def _start(self, reason: str) -> SearchRebuildView:
        try:
            view: SearchRebuildView = execute(RebuildSearch(reason=reason[:250] or "rebuild_search"))
        except Refused as refusal:
            running = self._running()
            if running is None or running.status != "BUILDING":
                raise CommandError(refusal.message) from None
            return running
        return view

    def _running(self) -> SearchRebuildView | None:
        try:
            view: SearchRebuildView = ask(GetSearchRebuild())
        except Missing:
            return None
        return view
