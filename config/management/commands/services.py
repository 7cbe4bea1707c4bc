"""`manage.py services up|down|status|reset`: the embedded Postgres and Valkey of this checkout."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.embedded import EmbeddedError, control
from config.embedded.client import redis_number
from config.embedded.state import Services


class Command(BaseCommand):
    help = "Keep the embedded database servers up, end them, look at them, or erase their data."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("up", help="start them and keep them up until `down`")
        down = verbs.add_parser("down", help="end them cleanly")
        down.add_argument("--force", action="store_true", help="even while other commands use them")
        verbs.add_parser("status", help="say where they are; exit code 3 when they are down")
        reset = verbs.add_parser("reset", help="end them and erase all their data")
        reset.add_argument("--yes", action="store_true", help="needed: there is no way back")

    def handle(self, *_: Any, verb: str, **options: Any) -> None:
        if os.environ.get("DATABASE_URL"):
            self.stderr.write("DATABASE_URL is set: other commands do not use the embedded servers.")
        try:
            getattr(self, f"_{verb}")(**options)
        except EmbeddedError as problem:
            raise CommandError(str(problem)) from problem

    def _up(self, **_: Any) -> None:
        self._show(control.up())

    def _down(self, *, force: bool, **_: Any) -> None:
        self.stdout.write("Down." if control.down(force=force) else "They were not running.")

    def _status(self, **_: Any) -> None:
        services = control.status()
        if services is None:
            raise CommandError("The embedded servers are down.", returncode=3)
        self._show(services)

    def _reset(self, *, yes: bool, **_: Any) -> None:
        if not yes:
            raise CommandError("This erases all data of the embedded servers for good: add --yes to do it.")
        control.erase()
        self.stdout.write("Erased.")

    def _show(self, services: Services) -> None:
        database = os.environ.get("SHOP_DB") or "shop"
        self.stdout.write(f"DATABASE_URL={services.postgres}{database}")
        self.stdout.write(f"REDIS_URL={services.redis}{redis_number(database, services.databases)}")
        self.stdout.write(f"supervisor: process {services.pid}")
