from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.messaging.invariants import run_all
from shop.messaging.routing import switchboard


class Command(BaseCommand):
    """Everything that must always be true, checked against the database. Exit status 1 and the offending ids otherwise."""

    help = "Check every invariant of the shop."

    def handle(self, *args: Any, **options: Any) -> None:
        violations = run_all(switchboard().all_invariants())
        for violation in violations:
            self.stdout.write(f"{violation.rule}: {violation.subject}: {violation.detail}")
        if violations:
            raise CommandError(f"{len(violations)} violations")
        self.stdout.write("0 violations")
