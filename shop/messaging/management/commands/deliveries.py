from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from shop.messaging import operations
from shop.messaging.context import acting
from shop.messaging.errors import Refused


class Command(BaseCommand):
    """The mailbox from the shell: what is dead and why, and the same verbs the admin has."""

    help = "List dead deliveries by cause; retry, discard or replay them."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        listing = verbs.add_parser("list", help="dead deliveries, grouped by cause")
        listing.add_argument("--fingerprint", default="", help="every delivery of this cause")
        for verb in ("retry", "discard"):
            change = verbs.add_parser(verb, help=f"{verb} dead deliveries")
            change.add_argument("ids", nargs="*", type=int, help="delivery ids")
            change.add_argument("--fingerprint", default="", help="all of one cause")
            change.add_argument("--subscriber", default="", help="all of one subscriber")
            change.add_argument("--all", action="store_true", help="all dead deliveries")
            _reason_and_dry_run(change)
        replay = verbs.add_parser("replay", help="deliver stored messages again to one subscriber")
        replay.add_argument("subscriber", help="for example catalog.search.index_product")
        replay.add_argument("--since", default="", help="ISO 8601, default 24 h ago")
        replay.add_argument("--until", default="", help="ISO 8601, default now")
        replay.add_argument("--key", default="", help="only messages of this aggregate")
        _reason_and_dry_run(replay)

    def handle(self, *args: Any, **options: Any) -> None:
        with acting(f"staff:{options.get('actor') or 'shell'}"):
            try:
                self._verbs[options["verb"]](options)
            except Refused as refusal:
                raise CommandError(refusal.message) from None

    @property
    def _verbs(self) -> dict[str, Callable[[dict[str, Any]], None]]:
        return {"list": self._list, "retry": self._retry, "discard": self._discard, "replay": self._replay}

    def _list(self, options: dict[str, Any]) -> None:
        if options["fingerprint"]:
            for delivery in operations.dead(fingerprint=options["fingerprint"])[:200]:
                self.stdout.write(f"{delivery.pk}  {delivery.message.name}  {delivery.subscriber}  {delivery.error[:120]}")
            return
        found = operations.causes()
        if not found:
            self.stdout.write("no dead deliveries")
        for cause in found:
            self.stdout.write(f"{cause.count:>6}  {cause.fingerprint}  {cause.subscriber}  {cause.error[:120]}")

    def _retry(self, options: dict[str, Any]) -> None:
        self._change(options, operations.retry, "will be delivered again")

    def _discard(self, options: dict[str, Any]) -> None:
        self._change(options, operations.discard, "discarded")

    def _change(self, options: dict[str, Any], verb: Any, outcome: str) -> None:
        ids = options["ids"] or self._selected(options)
        if options["dry_run"]:
            self.stdout.write(f"{len(ids)} deliveries: nothing changed (dry run)")
            return
        self.stdout.write(f"{verb(ids, reason=options['reason'])} deliveries {outcome}")

    def _selected(self, options: dict[str, Any]) -> list[int]:
        if not (options["fingerprint"] or options["subscriber"] or options["all"]):
            raise CommandError("Name ids, --fingerprint, --subscriber or --all.")
        found = operations.dead(subscriber=options["subscriber"], fingerprint=options["fingerprint"])
        return [*found.values_list("pk", flat=True)]

    def _replay(self, options: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        since = _time(options["since"]) or now - timedelta(days=1)
        until = _time(options["until"]) or now
        messages = operations.replayable(options["subscriber"], since=since, until=until, key=options["key"])
        if options["dry_run"]:
            self.stdout.write(f"{len(messages)} messages: nothing changed (dry run)")
            return
        count = operations.replay(options["subscriber"], messages, reason=options["reason"])
        self.stdout.write(f"{count} messages will be delivered again to {options['subscriber']}")


def _reason_and_dry_run(parser: CommandParser) -> None:
    parser.add_argument("--reason", default="", help="why; kept in the audit trail")
    parser.add_argument("--actor", default="", help="who you are; kept in the audit trail")
    parser.add_argument("--dry-run", action="store_true", help="only say how many")


def _time(text: str) -> datetime | None:
    if not text:
        return None
    parsed = parse_datetime(text)
    if parsed is None:
        raise CommandError(f"{text!r} is not a time like 2026-11-23T10:00:00Z.")
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
