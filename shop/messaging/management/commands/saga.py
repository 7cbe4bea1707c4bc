from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.messaging.context import acting
from shop.messaging.errors import Refused
from shop.messaging.routing import switchboard
from shop.messaging.saga import operations
from shop.messaging.saga.declaration import NEEDS_ATTENTION, TERMINAL, Saga
from shop.messaging.saga.explain import explain_all


class Command(BaseCommand):
    """Sagas from the shell: the same list, explanation and verbs as the admin, through the same service."""

    help = "List and explain long-running processes; retry, skip, compensate or abandon them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--saga", default="", help="which saga, if there are several")
        verbs = parser.add_subparsers(dest="verb", required=True)
        listing = verbs.add_parser("list", help="runs that are not finished; parked ones first")
        listing.add_argument("--state", default="", help="only this state, e.g. NEEDS_ATTENTION")
        listing.add_argument("--limit", type=int, default=50)
        verbs.add_parser("explain", help="one sentence about each").add_argument("ids", nargs="+", type=UUID)
        for verb in operations.VERBS:
            change = verbs.add_parser(verb, help=f"{verb} runs")
            change.add_argument("ids", nargs="*", type=UUID)
            change.add_argument("--fingerprint", default="", help="every parked run of this cause")
            change.add_argument("--all-parked", action="store_true", help="every parked run")
            change.add_argument("--reason", default="", help="why; kept in the audit trail")
            change.add_argument("--actor", default="", help="who you are; kept in the audit trail")
            change.add_argument("--dry-run", action="store_true", help="only say how many")
            if verb == "skip":
                change.add_argument("--evidence", default="", help="what shows that the step was done outside")
                change.add_argument("--facts", default="{}", help="JSON: what its answer would have taught")

    def handle(self, *args: Any, **options: Any) -> None:
        saga = self._saga(options["saga"])
        with acting(f"staff:{options.get('actor') or 'shell'}"):
            try:
                if options["verb"] == "list":
                    self._list(saga, options)
                elif options["verb"] == "explain":
                    self._explain(saga, saga.model._default_manager.filter(pk__in=options["ids"]))
                else:
                    self._change(saga, options)
            except Refused as refusal:
                raise CommandError(refusal.message) from None

    def _saga(self, name: str) -> type[Saga]:
        found = [saga for saga in switchboard().sagas if name in ("", saga.name)][:1]
        if not found:
            raise CommandError(f"Name one with --saga: {', '.join(saga.name for saga in switchboard().sagas)}")
        return found[0]

    def _list(self, saga: type[Saga], options: dict[str, Any]) -> None:
        runs = saga.model._default_manager.exclude(state__in=TERMINAL)
        if options["state"]:
            runs = saga.model._default_manager.filter(state=options["state"])
        ordered = sorted(runs.order_by("-started_at")[: options["limit"]], key=lambda run: run.state != NEEDS_ATTENTION)
        if not ordered:
            self.stdout.write("nothing is waiting")
        self._explain(saga, ordered)

    def _explain(self, saga: type[Saga], runs: Any) -> None:
        records = [*runs]
        explanations = explain_all(saga, records)
        for record in records:
            cause = f"  [{record.fingerprint}]" if record.fingerprint else ""
            self.stdout.write(f"{record.pk}  {record.state}{cause}\n    {explanations[record.pk].sentence}")

    def _change(self, saga: type[Saga], options: dict[str, Any]) -> None:
        ids = options["ids"] or self._parked(saga, options)
        if options["dry_run"]:
            self.stdout.write(f"{len(ids)} runs: nothing changed (dry run)")
            return
        how: dict[str, Any] = {"reason": options["reason"]}
        if options["verb"] == "skip":
            how |= {"evidence": options["evidence"], "facts": _facts(options["facts"])}
        results = operations.in_bulk(saga, options["verb"], ids, **how)
        for result in results:
            self.stdout.write(f"{result.id}  {'ok' if result.ok else 'REFUSED'}  {result.sentence}")
        if not all(result.ok for result in results):
            raise CommandError(f"{sum(not result.ok for result in results)} of {len(results)} refused")

    def _parked(self, saga: type[Saga], options: dict[str, Any]) -> list[UUID]:
        if not (options["fingerprint"] or options["all_parked"]):
            raise CommandError("Name ids, --fingerprint or --all-parked.")
        runs = saga.model._default_manager.filter(state=NEEDS_ATTENTION)
        if options["fingerprint"]:
            runs = runs.filter(fingerprint=options["fingerprint"])
        return [*runs.values_list("pk", flat=True)]


def _facts(text: str) -> dict[str, Any]:
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise CommandError("--facts is not a JSON object.")
    return facts
