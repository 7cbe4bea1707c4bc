"""Checking everything that must always be true, one check at a time, so that no request and no transaction lasts as long as all.

What each check found is stored with how far the run is: a killed worker costs the check it was at.
"""

from __future__ import annotations

import time
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models.functions import Now

from shop.console.checking.models import InvariantRun
from shop.contracts.console import CheckNextInvariant
from shop.messaging.bus import send
from shop.messaging.context import current_actor
from shop.messaging.delivery.failure import failure_of
from shop.messaging.delivery.retrying import database_is_gone
from shop.messaging.envelope import Envelope
from shop.messaging.invariants import Check
from shop.messaging.outgoing import current_unit
from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows, run

log = structlog.get_logger(__name__)

MOST: Final = 200  # violations of one check that are kept; all are counted
LONGEST: Final = 1_000  # characters of what a violation says
KEEP_DAYS: Final = 90
STATEMENT_SECONDS: Final = 60  # in the background a statement may take longer than one that somebody waits for
STILL_MINUTES: Final = 5  # a run that has not moved for so long makes room for the next: each check takes less

GIVE_UP: Final = """
    UPDATE shop_invariantrun SET ended_at = now() WHERE id IN (
        SELECT id FROM shop_invariantrun WHERE ended_at IS NULL AND moved_at < now() - make_interval(mins => %s)
        FOR UPDATE SKIP LOCKED
    )
"""
FORGET: Final = "DELETE FROM shop_invariantrun WHERE ended_at < now() - make_interval(days => %s)"
BEGIN: Final = """
    INSERT INTO shop_invariantrun (id, actor, total, position, violations, unchecked, results)
    VALUES (%s, %s, %s, 0, 0, 0, '[]') ON CONFLICT DO NOTHING RETURNING id
"""


def begin(run_id: UUID) -> UUID:
    """Begin a run unless one is under way; the id of the one that is."""
    run(GIVE_UP, [STILL_MINUTES])
    run(FORGET, [KEEP_DAYS])
    if fetch_rows(BEGIN, [run_id, current_actor(), len(switchboard().all_invariants())]):
        send(CheckNextInvariant(run_id=run_id, after=0))
        return run_id
    under_way = InvariantRun.objects.filter(ended_at__isnull=True).values_list("pk", flat=True).first()
    return under_way or begin(run_id)  # it ended in between


def check_next(envelope: Envelope[CheckNextInvariant]) -> None:
    """The next check of a run, and mail for the one after it. An old command, or one for a run that has ended, does nothing."""
    found = InvariantRun.objects.select_for_update().filter(pk=envelope.message.run_id).first()
    if found is None or found.ended_at is not None or found.position != envelope.message.after:
        return
    checks = list(switchboard().all_invariants().items())
    if found.position < len(checks):
        found.results.append(result_of(*checks[found.position]))
        found.position += 1
        found.violations += found.results[-1]["count"]
        found.unchecked += bool(found.results[-1]["error"])
    if found.position < min(found.total, len(checks)):
        send(CheckNextInvariant(run_id=found.pk, after=found.position), cause=envelope)
        current_unit().waiting.update(switchboard().routes(CheckNextInvariant))  # a transaction of its own
    else:
        found.ended_at = Now()
    found.moved_at = Now()
    found.save(update_fields=["results", "position", "violations", "unchecked", "moved_at", "ended_at"])


def result_of(name: str, check: Check) -> dict[str, Any]:
    """What one check found, as it is stored. One that fails itself says so and keeps nothing from the others."""
    started, found, error = time.perf_counter(), [], ""
    try:
        with transaction.atomic():
            run("SELECT set_config('statement_timeout', %s, true)", [str(STATEMENT_SECONDS * 1_000)])
            found = [(one.rule, one.subject, one.detail[:LONGEST]) for one in check()]
    except Exception as failure:
        if database_is_gone(failure):
            raise
        log.exception("invariant_not_checked", check=name)
        error = failure_of(failure).error
    seconds = round(time.perf_counter() - started, 3)
    return {"name": name, "seconds": seconds, "found": found[:MOST], "count": len(found), "error": error}
