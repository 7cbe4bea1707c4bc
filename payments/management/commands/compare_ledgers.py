from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import stripe as sdk
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.gateways import stripe
from payments.gateways.reading import Unreadable
from payments.invariants import compare_with_provider


class Command(BaseCommand):
    """Our ledger beside Stripe's, both ways: holds and captures we do not know of, and ours that Stripe does not have.

    Exit status 1 and the payments that differ. What is being decided while it runs may show once: run it again.
    """

    help = "Compare our authorisations and captures with the provider's."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=float, default=48.0, help="how far back to look (default 48)")

    def handle(self, *args: Any, **options: Any) -> None:
        since = datetime.now(UTC) - timedelta(hours=options["hours"])
        try:
            violations = [*compare_with_provider(stripe.made_since(since), since)]
        except (sdk.StripeError, Unreadable) as error:
            raise CommandError(f"Stripe could not be asked: {error}") from error
        for violation in violations:
            self.stdout.write(f"{violation.rule}: {violation.subject}: {violation.detail}")
        if violations:
            raise CommandError(f"{len(violations)} differences in the last {options['hours']:g} h")
        self.stdout.write(f"both ledgers say the same about the last {options['hours']:g} h")
