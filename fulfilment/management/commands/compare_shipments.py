from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fulfilment.shipping.gateways import carrier
from fulfilment.shipping.gateways.answers import Unclear
from fulfilment.shipping.invariants import compare_with_carrier
from fulfilment.shipping.models import Shipment


class Command(BaseCommand):
    """Our shipments beside the carrier's: a second booking of one of them, a state that differs, one it does not have.

    Exit status 1 and the shipments that differ. What is being decided while it runs may show once: run it again.
    """

    help = "Compare our shipments with the carrier's."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=float, default=48.0, help="how far back to look (default 48)")

    def handle(self, *args: Any, **options: Any) -> None:
        since = datetime.now(UTC) - timedelta(hours=options["hours"])
        asked = Shipment.objects.filter(created_at__gte=since, asked__gt=0)
        theirs = []
        for shipment_id in asked.order_by("pk").values_list("pk", flat=True).iterator():
            found = carrier.all_of(str(shipment_id))
            if isinstance(found, Unclear):
                raise CommandError(f"The carrier could not be asked: {found.error}")
            theirs += found
        violations = [*compare_with_carrier(theirs, asked)]
        for violation in violations:
            self.stdout.write(f"{violation.rule}: {violation.subject}: {violation.detail}")
        if violations:
            raise CommandError(f"{len(violations)} differences in the last {options['hours']:g} h")
        self.stdout.write(f"both say the same about the shipments of the last {options['hours']:g} h")
