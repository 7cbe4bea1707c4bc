from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config.bench import console, flat, floor, idle, importing, machine, report, search, shop_data
from config.bench.results import Results
from config.bench.rounds import Part, Sizes, run
from shop.messaging.invariants import run_all
from shop.messaging.routing import switchboard
from shop.messaging.sets import run as run_sql


class Command(BaseCommand):
    """Checkouts per second beside the plain database floor and the peers, in one run. It empties its database."""

    help = "Measure the shop against the pgbench floor and the peers; medians of several rounds. See docs/performance.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--count", type=int, default=2_000, help="checkouts per measurement of the saga alone")
        parser.add_argument("--http-count", type=int, default=600, help="flows per measurement over HTTP or through a peer")
        parser.add_argument("--seconds", type=int, default=6, help="of each pgbench run")
        parser.add_argument("--idle-seconds", type=float, default=20.0)
        parser.add_argument("--import-rows", type=int, default=1_000_000, help="of the feed that is imported")
        parser.add_argument("--only", nargs="+", choices=[part.value for part in Part], help="these parts instead of all")
        parser.add_argument("--flat", action="store_true", help="then write a long past and measure the saga again")
        parser.add_argument("--orders", type=int, help="of the past; the targets speak of 1000000")
        parser.add_argument(
            "--messages", type=int, help="of the past; the targets speak of 3000000 (admin) and 10000000 (--flat)"
        )
        parser.add_argument("--requests", type=int, default=20, help="of each look at the back office")

        parser.add_argument("--search", action="store_true", help="then fill an index and search it; --only with it alone")
        parser.add_argument("--products", type=int, default=1_000_000, help="to search in; the target speaks of 1000000")

    def handle(self, *args: Any, **options: Any) -> None:
        if "bench" not in connection.settings_dict["NAME"]:
            raise CommandError("The benchmark empties its database. Set SHOP_DB=shop_bench, or a DATABASE_URL that says bench.")
        call_command("migrate", verbosity=0)
        run_sql("SET statement_timeout = 0")  # for this session: a long past takes its time to write and to check
        here, results = machine.describe(), Results()
        try:
            self._measure(results, options)
        finally:
            floor.remove()
            shop_data.empty()
        for line in report.lines(results, here, rounds=options["rounds"]):
            self.stdout.write(line)
        self.stdout.write(f"kept in {report.save(results, here, _local() / 'bench')}")

    def _measure(self, results: Results, options: dict[str, Any]) -> None:
        parts = [Part(name) for name in options["only"] or Part]
        sizes = Sizes(options["seconds"], options["count"], options["http_count"])
        for number in range(1, options["rounds"] + 1):
            self._tell(f"round {number} of {options['rounds']}")
            run(parts, sizes, results, _logs(), self._tell)
            self._check()
        if Part.IDLE in parts:
            results.idle = idle.measure(_logs(), seconds=options["idle_seconds"])
            self._tell("quiet stack done")
        if Part.IMPORT in parts:
            results.imported = importing.measure(rows=options["import_rows"], tell=self._tell)
            self._check()
        if Part.ADMIN in parts:
            shop_data.empty()
            past = (options["orders"] or 20_000, options["messages"] or 60_000)
            wanted = {"orders": past[0], "messages": past[1], "requests": options["requests"]}
            results.pages = console.measure(**wanted, tell=self._tell)
        if options["flat"]:
            past = (options["orders"] or 100_000, options["messages"] or 1_000_000)
            wanted = {"rounds": options["rounds"], "count": options["count"], "orders": past[0], "messages": past[1]}
            results.flat = flat.measure(_logs(), **wanted, tell=self._tell)
            self._check()

        if options["search"]:
            results.search = search.measure(options["products"], self._tell)

    def _check(self) -> None:
        """Speed that breaks an invariant does not count."""
        violations = run_all(switchboard().all_invariants())
        if violations:
            raise CommandError("invariants broken: " + "; ".join(f"{v.rule}: {v.subject} {v.detail}" for v in violations[:5]))
        self._tell("no invariant is broken")

    def _tell(self, what: str) -> None:
        self.stdout.write(what)
        self.stdout.flush()


def _local() -> Path:
    return Path(settings.BASE_DIR) / ".local"


def _logs() -> Path:
    return _local() / "logs" / "bench"
