from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from shop.messaging.audit_retention import days_kept, prune_audit_chunk
from shop.messaging.audit_sql import YOUNGEST_PRUNED_DAYS


class Command(BaseCommand):
    """Removes operators' actions and the record of changes older than the retention, chunk by chunk, each in a transaction."""

    help = "Remove the audit trail older than AUDIT_RETENTION_DAYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=None, help="default AUDIT_RETENTION_DAYS; at least 30")
        parser.add_argument("--chunk", type=int, default=5_000)

    def handle(self, *args: Any, **options: Any) -> None:
        days = days_kept() if options["days"] is None else options["days"]
        if days < YOUNGEST_PRUNED_DAYS:
            raise CommandError(f"Nothing younger than {YOUNGEST_PRUNED_DAYS} days can be removed.")
        actions = changes = 0
        while True:
            with transaction.atomic():
                removed = prune_audit_chunk(options["chunk"], days)
            actions, changes = actions + removed[0], changes + removed[1]
            if max(removed) < options["chunk"]:
                break
        self.stdout.write(f"{actions} operator actions and {changes} changes removed")
