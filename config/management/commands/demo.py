from __future__ import annotations

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.display import Display
from config.demo.operators import NotHere, require_development
from config.demo.play import demo
from config.demo.playlist import playlist
from config.stack.processes import StartFailed

IN_USE = "\nThe shop is running already (make run?): stop it first, both would use the same database."


class Command(BaseCommand):
    """A shop on real parts, driven over HTTP while things go wrong. Exit status 0 if all of it went as it should, else 1."""

    help = "Start everything, sell, break things, and show what was expected and seen (development only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", default="", help="only the journeys with this in their name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_development()
        except NotHere as no:
            raise CommandError(str(no)) from None
        journeys = playlist(options["only"])
        if not journeys:
            raise CommandError(f"No journey is called {options['only']!r}.")
        # A supervisor's SIGTERM must stop the processes too, so it ends this one like any other error.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        try:
            passed = demo(Display(), journeys).passed
        except StartFailed as failure:
            hint = IN_USE if "another sandbox" in str(failure) else ""
            raise CommandError(f"{failure}{hint}") from None
        except KeyboardInterrupt:
            raise CommandError("Stopped; so are all its processes.", returncode=130) from None
        if not passed:
            sys.exit(1)
