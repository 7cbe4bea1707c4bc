"""The page of the invariants: what the last run found, each with the way to it, how the one under way goes, and earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from shop.console.checking.models import InvariantRun
from shop.console.checking.running import STILL_MINUTES
from shop.console.formats import duration, span
from shop.console.sections import Progress
from shop.messaging.declaring import STAFF
from shop.messaging.giving_up import given_up
from shop.messaging.sets import fetch_rows

EARLIER: Final = 20


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """One thing that is not as it must be, and where to look at it."""

    check: str
    rule: str
    subject: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check: how long it took, what it found, or why it says nothing."""

    name: str
    took: str
    count: int
    error: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run that has ended, in a line."""

    run: InvariantRun
    asked: str
    says: str
    took: str
    url: str


def invariant_context(request: HttpRequest) -> dict[str, Any]:
    """Everything the page shows. ``?run=`` is the one to look at, by default the last that has ended. 404 for one that is not."""
    open_run = InvariantRun.objects.filter(ended_at__isnull=True).first()
    ended = InvariantRun.objects.filter(ended_at__isnull=False).order_by("-id")
    shown = _asked_for(request.GET["run"]) if "run" in request.GET else ended.first()
    return {
        "title": "Invariants",
        "action": reverse("admin:invariants"),
        "progress": _progress(open_run) if open_run else None,
        "stuck": _why_it_stands_still(open_run) if open_run else "",
        "shown": _line(shown) if shown else None,
        "rows": _rows(shown) if shown else (),
        "checks": _checks(shown) if shown else (),
        "earlier": [_line(one) for one in ended.defer("results")[:EARLIER]],
    }


def _asked_for(typed: str) -> InvariantRun:
    try:
        return InvariantRun.objects.get(pk=UUID(typed), ended_at__isnull=False)
    except (ValueError, InvariantRun.DoesNotExist):
        raise Http404("There is no such run any more.") from None


def _says(run: InvariantRun) -> str:
    """What came of a run that has ended."""
    if run.holds:
        return "Everything holds."
    parts = []
    if run.violations:
        parts.append(f"{_violations(run)}.")
    if run.unchecked:
        parts.append(f"{run.unchecked} could not be checked.")
    if not run.complete:
        parts.append(f"Given up after {run.position} of {run.total} checks.")
    return " ".join(parts)


def news_of(key: UUID) -> dict[str, Any] | None:
    """What the page asks for while a run is under way."""
    run = InvariantRun.objects.filter(pk=key).defer("results").first()
    if run is None:
        return None
    return {"percent": _percent(run), "text": _in_words(run), "ended": run.ended_at is not None}


def _where(subject: str) -> str:
    """The search that finds a violation's subject, whatever kind it is."""
    return f"{reverse('admin:find')}?{urlencode({'q': subject})}"


def _why_it_stands_still(run: InvariantRun) -> str:
    """A sentence if it does not move, else nothing."""
    if error := given_up(run.pk):
        return f"{error}. Retry it under Deliveries."
    ((minutes,),) = fetch_rows("SELECT extract(epoch FROM now() - %s)::int / 60", [run.moved_at])
    return f"Nothing for {minutes} minutes: does a worker serve the queue catalog?" if minutes >= STILL_MINUTES else ""


def _progress(run: InvariantRun) -> Progress:
    return Progress("Checking", _percent(run), _in_words(run), reverse("admin:invariants_news", args=[run.pk]))


def _percent(run: InvariantRun) -> int:
    return 100 * run.position // max(1, run.total)


def _in_words(run: InvariantRun) -> str:
    if not run.position:
        return "Waits for a worker. You may leave and come back."
    found = _violations(run) if run.violations else "nothing found"
    return f"{run.position} of {run.total} checked, {found} so far. You may leave and come back."


def _asked(run: InvariantRun) -> str:
    """Who asked for it: somebody, or the timetable."""
    return f"asked for by {run.actor}" if run.actor.startswith(STAFF) else "by itself"


def _violations(run: InvariantRun) -> str:
    return f"{run.violations:,} violation{'' if run.violations == 1 else 's'}"


def _rows(run: InvariantRun) -> Sequence[ViolationRow]:
    return [
        ViolationRow(check["name"], rule, subject, detail, _where(subject))
        for check in run.results
        for rule, subject, detail in check["found"]
    ]


def _checks(run: InvariantRun) -> Sequence[CheckRow]:
    return [CheckRow(one["name"], span(one["seconds"]), one["count"], one["error"]) for one in run.results]


def _line(run: InvariantRun) -> RunRow:
    url = f"{reverse('admin:invariants')}?{urlencode({'run': str(run.pk)})}"
    return RunRow(run, _asked(run), _says(run), duration(run.begun_at, run.ended_at), url)
