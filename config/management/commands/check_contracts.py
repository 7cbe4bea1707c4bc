"""``manage.py check_contracts``: may the contracts in the code be released over the recorded ones?"""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.catalogue.touched import whom
from config.catalogue.usage import usage
from shop.contracts.compare import Change, compare
from shop.contracts.lock import Lock, published, render
from shop.contracts.registry import ALL


class Command(BaseCommand):
    """Exit 1 on a breaking change, and on an additive one that nobody has recorded yet."""

    help = "Compare the contracts in the code with contracts.lock.json."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accept", action="store_true", help="record additive changes in the lock file")
        parser.add_argument("--lock", type=Path, default=Path(settings.BASE_DIR) / "contracts.lock.json")
        parser.add_argument("--usage", action="store_true", help="only say who was sent which version, from real deliveries")
        parser.add_argument("--days", type=int, default=30, help="how far back --usage looks")
        parser.add_argument("--message", action="append", default=[], help="only this message, for --usage")

    def handle(self, *args: Any, accept: bool, lock: Path, **options: Any) -> None:
        if options["usage"]:
            self._tell_usage(options["days"], options["message"])
            return
        recorded, current = _recorded(lock), published()
        changes = compare(recorded, current)
        for change in changes:
            self._tell(change, recorded)
        self._remind()
        _refuse(changes, accept=accept)
        if changes:
            lock.write_text(render(current), encoding="utf-8")
            self.stdout.write(f"Recorded {_counted(len(changes), 'additive')} in {lock.name}.")
        else:
            self.stdout.write(f"{len(current)} contracts are as recorded in {lock.name}.")

    def _tell(self, change: Change, recorded: Lock) -> None:
        self.stdout.write(f"{'breaking' if change.breaking else 'additive'}: {change}")
        if change.breaking:
            self.stdout.write(f"  {whom(change.message, recorded.get(change.message, {}).get('owner', ''))}")

    def _remind(self) -> None:
        today = datetime.now(UTC).date()
        for message in ALL:
            if message.removed_after is not None and message.removed_after < today:
                self.stdout.write(
                    f"warning: {message.full_name()} was announced to go after {message.removed_after}. "
                    f"manage.py check_contracts --usage --message {message.message_name()} says who still uses it."
                )

    def _tell_usage(self, days: int, names: list[str]) -> None:
        deprecated = {message.full_name() for message in ALL if message.deprecated_since is not None}
        found = usage(days, names)
        for use in found:
            mark = " (deprecated)" if f"{use.name}@{use.written}" in deprecated else ""
            reads = "" if use.reads in {"", use.written} else f", reads {use.reads}"
            self.stdout.write(
                f"{use.name}@{use.written}{mark} -> {use.subscriber or 'nobody'}{reads}: "
                f"{use.count}, last {use.last_at:%Y-%m-%d %H:%M} UTC"
            )
        if not found:
            self.stdout.write(f"Nothing was delivered in the last {days} days.")


def _recorded(lock: Path) -> Lock:
    if not lock.exists():
        return {}
    try:
        recorded: Lock = json.loads(lock.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CommandError(f"{lock} is not JSON ({error}). Restore it from the last commit.") from error
    return recorded


def _refuse(changes: list[Change], *, accept: bool) -> None:
    breaking = [change for change in changes if change.breaking]
    if breaking:
        raise CommandError(
            f"{_counted(len(breaking), 'breaking')}: clients and stored messages rely on the recorded contracts. "
            "A new version with an upcast is the way out (docs/contracts.md). "
            "One that was never released may be taken out of the lock file by hand and recorded anew."
        )
    if changes and not accept:
        raise CommandError(f"{_counted(len(changes), 'additive')} not recorded yet: manage.py check_contracts --accept")


def _counted(number: int, kind: str) -> str:
    return f"{number} {kind} change" if number == 1 else f"{number} {kind} changes"
