"""`manage.py sandbox`: Stripe, the fraud service and the carrier on this machine, until Ctrl-C."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.sandbox import Ports, Sandbox

SHOP = "http://127.0.0.1:8000"


class Command(BaseCommand):
    """Runs the sandbox in the foreground. Needs no database; of the settings its addresses and webhook secrets."""

    help = "Run stand-ins for Stripe, the fraud service and the carrier, with a fault switch (docs/sandbox.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Ports (0 takes a free one), where webhooks go, where the ledgers are kept."""
        parser.add_argument("--host", default=settings.SANDBOX_HOST)
        parser.add_argument("--stripe-port", type=int, default=settings.SANDBOX_STRIPE_PORT)
        parser.add_argument("--fraud-port", type=int, default=settings.SANDBOX_FRAUD_PORT)
        parser.add_argument("--carrier-port", type=int, default=settings.SANDBOX_CARRIER_PORT)
        parser.add_argument("--webhook-url", default=SHOP, help=f"base URL of the shop ({SHOP}), empty for no webhooks")
        parser.add_argument("--state", type=Path, help="directory for ledgers and sandbox.json; none: in memory")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGINT or SIGTERM."""
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        try:
            sandbox = Sandbox(
                ports=Ports(options["stripe_port"], options["fraud_port"], options["carrier_port"]),
                webhook_url=options["webhook_url"] or None,
                state=options["state"],
                host=options["host"],
                stripe_webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
                carrier_webhook_secret=settings.CARRIER_WEBHOOK_SECRET,
            )
        except RuntimeError as problem:  # the state directory is in use
            raise CommandError(str(problem)) from None
        with sandbox:
            for name, url in sandbox.urls.items():
                self.stdout.write(f"{name:8}{url}")
            self.stdout.flush()
            stopped.wait()
