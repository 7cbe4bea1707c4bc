"""The demo from an empty machine to its last line: migrate, start everything, seed, play, check, stop everything."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError

from config.demo import sessions
from config.demo.audit import audit, quiet
from config.demo.display import Display
from config.demo.journeys.journey import Journey
from config.demo.operators import ADMIN, Operator, ensure_operator
from config.demo.results import Result, Verdict
from config.demo.shopkeeping import Seeded, seed
from config.demo.shopping import FrontDoor, Unexpected
from config.demo.stage import HANDS, Stage
from config.stack.stack import Stack
from shop.messaging.errors import Refused

LOCAL: Final = Path(settings.BASE_DIR) / ".local"
LOGS: Final = LOCAL / "logs" / "demo"
SANDBOX_STATE: Final = LOCAL / "sandbox"
# What playing a journey may end in when the shop does not do what it should.
EXPECTABLE: Final = (Unexpected, Refused, httpx.HTTPError, DatabaseError, RuntimeError, LookupError, ValueError)

# Less patience than in production, so that what only patience heals heals within the demo.
HURRY: Final[Mapping[str, str]] = {
    "CHECKOUT_RESERVE_DEADLINE_SECONDS": "10",
    "CHECKOUT_AUTHORIZE_DEADLINE_SECONDS": "4",
    "CHECKOUT_CREATE_ORDER_DEADLINE_SECONDS": "10",
    "CHECKOUT_UNDO_DEADLINE_SECONDS": "2",
    "OUTSIDE_TOTAL_TIMEOUT_SECONDS": "3",
}


def demo(display: Display, journeys: Sequence[Journey]) -> Verdict:
    """Play these journeys and say what came of them. Raises ``StartFailed`` when a process does not start."""
    started = time.monotonic()
    shutil.rmtree(LOGS, ignore_errors=True)
    with display.step("The database is brought up to date"):
        call_command("migrate", verbosity=0)
    with display.step("The shop is filled"):
        seeded, operator = seed(), ensure_operator()
    display.say(in_words(seeded))
    since = time.time()
    with Stack(LOGS, HURRY) as stack, _stage(display, stack, seeded) as stage:
        display.say("Running: web, workers, sweeper, and a sandbox in place of Stripe, fraud service and carrier")
        results = _play(display, stage, journeys)
        with display.step("Waiting until all mail is delivered, then checking every invariant and both ledgers"):
            at_rest = quiet()
            found = audit(stage.control, since)
    verdict = Verdict(results, len(found.violations))
    display.table(results)
    if not at_rest:
        display.say("Some mail is still waiting to be delivered.")
    if found.too_old:
        display.say(f"{found.too_old} payments are older than the sandbox's ledger and could not be compared with it.")
    display.violations(found.violations)
    _farewell(display, verdict, operator, time.monotonic() - started)
    return verdict


def in_words(seeded: Seeded) -> str:
    """What is in the shop."""
    new = f" ({seeded.new_products} and {seeded.new_customers} new)" if seeded.new_products or seeded.new_customers else ""
    return f"The shop has {len(seeded.products)} products in stock and {len(seeded.customers)} customers{new}"


@contextmanager
def _stage(display: Display, stack: Stack, seeded: Seeded) -> Iterator[Stage]:
    with ExitStack() as cleanup:
        with display.step("Web, workers, sweeper and sandbox are started"):
            stack.start_sandbox(SANDBOX_STATE)
            stack.start_sweeper()
            stack.start_web()
            control = stack.sandbox_control()
            control.clear_verdicts()
            door = FrontDoor(stack.url, HANDS)
            stage = Stage(
                run=datetime.now(UTC).strftime("%y%m%d%H%M%S"),
                stack=stack,
                control=control,
                door=door,
                products=seeded.products,
                buyers=sessions.buyers(door, seeded.customers),
                tell=display.tell,
            )
            cleanup.callback(stage.close)
            stage.start_workers()
        yield stage


def _play(display: Display, stage: Stage, journeys: Sequence[Journey]) -> list[Result]:
    failed = {journey.name: error for journey in journeys if (error := _tried(lambda: journey.begin(stage)))}  # noqa: B023
    results = []
    for number, journey in enumerate(journeys, start=1):
        with display.step(f"{number:>2}/{len(journeys)} {journey.name}"):
            result = _result(stage, journey, failed.get(journey.name, ""))
        display.played(number, len(journeys), result)
        results.append(result)
    return results


def _result(stage: Stage, journey: Journey, error: str) -> Result:
    played: list[Result] = []
    error = error or _tried(lambda: played.append(journey.result(stage)))
    return played[0] if played else Result(journey.name, journey.expected, journey.orders, error=error)


def _tried(work: Callable[[], object]) -> str:
    """Why it failed, empty if it did not: one journey that cannot be played must not hide the others."""
    try:
        work()
    except EXPECTABLE as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _farewell(display: Display, verdict: Verdict, operator: Operator, seconds: float) -> None:
    if not verdict.passed:
        display.complaints(LOGS)
    display.say(f"{seconds:.0f} s. Look at all of it: make run, then {ADMIN} ({operator.in_words})")
    display.last(verdict)
