"""``manage.py export_audit actions|changes``: the audit trail of a span of time as a file. Taking it is written into it first."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from shop.console.trail import ACTIONS, CHANGES, FORMATS, lines_of
from shop.messaging.audit import record_action
from shop.messaging.bus import unit_of_work
from shop.messaging.context import acting
from shop.messaging.errors import Refused

TRAILS: Final = {"actions": ACTIONS, "changes": CHANGES}


class Command(BaseCommand):
    """Oldest first, personal values masked, to a file or standard output."""

    help = "Export operators' actions or the record of changed objects."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=sorted(TRAILS))
        parser.add_argument("--since", default="", help="ISO 8601, default 30 days ago")
        parser.add_argument("--until", default="", help="ISO 8601, default now")
        parser.add_argument("--format", choices=sorted(FORMATS), default="jsonl")
        parser.add_argument("--output", default="", help="a file; default standard output")
        parser.add_argument("--reason", default="", help="why; kept in the audit trail")
        parser.add_argument("--actor", default="", help="who you are; kept in the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        trail, now = TRAILS[options["what"]], datetime.now(UTC)
        since, until = _time(options["since"]) or now - timedelta(days=30), _time(options["until"]) or now
        span = {"since": since.isoformat(), "until": until.isoformat(), "form": options["format"]}
        label = trail.model._meta
        try:
            with acting(f"staff:{options['actor'] or 'shell'}"), unit_of_work():
                record_action(
                    verb=f"{label.model_name}.export",
                    target_type=label.label_lower,
                    target_id=f"{since:%Y-%m-%dT%H:%M}/{until:%Y-%m-%dT%H:%M}",
                    reason=options["reason"],
                    after=span,
                )
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        lines = lines_of(trail, since, until, options["format"])
        if not options["output"]:
            for many in lines:
                self.stdout.write(many, ending="")
            return
        with Path(options["output"]).open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        self.stderr.write(f"Written to {options['output']}.")


def _time(text: str) -> datetime | None:
    if not text:
        return None
    parsed = parse_datetime(text)
    if parsed is None:
        raise CommandError(f"{text!r} is not a time like 2026-11-23T10:00:00Z.")
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
