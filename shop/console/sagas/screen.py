"""The list of a saga's runs: what is not over first, each with one sentence, those that failed alike with one click."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from django.db.models import Count, Max, Min, QuerySet, TextChoices
from django.http import HttpRequest
from unfold.decorators import display

from shop.console.base import Cause, OpsModelAdmin, Tab
from shop.console.formats import badge, clamped, exact, moment, relative
from shop.console.sections import Said, Timeline
from shop.console.timeline import entries_of, read_chain
from shop.messaging.saga.declaration import NEEDS_ATTENTION, TERMINAL, Saga
from shop.messaging.saga.explain import explain_all

MOST_CAUSES: Final = 12
TONES: Final = {"COMPLETED": "good", "ABORTED": "plain", "NEEDS_ATTENTION": "bad", "COMPENSATING": "warn"}


def in_state(*states: str) -> Any:
    """Keeps these states."""
    return lambda rows: rows.filter(state__in=states)


def open_tab(states: type[TextChoices]) -> Tab:
    """What is not over yet: the default of every saga, so that an empty list means a quiet night."""
    return Tab("open", "Open", in_state(*[state for state in states.values if state not in TERMINAL]))


class SagaAdmin(OpsModelAdmin):
    """Subclasses name ``saga`` and its ``states``; every row gets an ``explanation``."""

    saga: ClassVar[type[Saga]]
    states: ClassVar[type[TextChoices]]
    state_field = "state"
    ordering: Sequence[str] = ("-id",)  # ids begin with the time they were made at, and every state is indexed by them
    search_fields = ("id",)

    @display(description="State")
    def state_(self, row: Any) -> Any:
        return self.state_of(row)

    @display(description="Step")
    def step_(self, row: Any) -> str:
        steps = self.saga.steps
        return "—" if row.step >= len(steps) else f"{row.step + 1}/{len(steps)} {steps[row.step].name}, try {row.attempt}"

    @display(description="Age")
    def age(self, row: Any) -> Any:
        return moment(row.started_at)

    @display(description="What it waits for")
    def sentence(self, row: Any) -> Any:
        return clamped(row.explanation.sentence)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        told = explain_all(self.saga, rows)
        for row in rows:
            row.explanation = told[row.pk]

    def of_cause(self, request: HttpRequest, cause: str) -> QuerySet[Any]:
        return self.get_queryset(request).filter(fingerprint=cause, state=NEEDS_ATTENTION)

    def causes(self, request: HttpRequest) -> Sequence[Cause]:
        groups = (
            self.get_queryset(request)
            .filter(state=NEEDS_ATTENTION)
            .exclude(fingerprint="")
            .order_by()
            .values("fingerprint")
            .annotate(count=Count("id"), oldest=Min("started_at"), error=Max("error"))
            .order_by("-count", "oldest")[:MOST_CAUSES]
        )
        return [Cause(group["fingerprint"], group["error"], group["count"], group["oldest"]) for group in groups]

    def state_of(self, row: Any) -> Any:
        return badge(self.states(row.state).label, TONES.get(str(row.state), "busy"))

    def history_of(self, row: Any) -> Sequence[str]:
        return ()


def said_of(row: Any) -> Said:
    """The sentence at the head of a run's page."""
    return Said(row.explanation.sentence, TONES.get(str(row.state), "busy"))


def timeline_of(saga: type[Saga], row: Any, targets: Sequence[str]) -> Timeline:
    """Everything every department did in its chain, and what operators did to ``targets``."""
    attempts = {attempt.command_id: attempt for attempt in row.attempts.order_by("id")}
    return Timeline("Timeline", entries_of(read_chain([row.correlation_id]), targets, attempts), next_of(saga, row))


def next_of(saga: type[Saga], row: Any) -> str:
    """What happens next, and when."""
    if row.state in TERMINAL:
        return ""
    if row.due_at is None:
        return "nothing by itself; it waits for its answer or for you."
    overdue = row.due_at <= datetime.now(UTC)
    when = "any moment, if a sweeper is running" if overdue else f"{relative(row.due_at)} ({exact(row.due_at)})"
    if row.undoing:
        return f"if {' and '.join(row.undoing)} is not undone by then, it is asked again or parked {when}."
    step = saga.steps[row.step]
    if row.attempt < step.tries:
        return f"{step.name} is asked again {when} unless it is answered before (try {row.attempt + 1} of {step.tries})."
    then = "it is parked for a person" if saga.past_the_pivot(row.step) else "everything is undone"
    return f"{then} {when} unless {step.name} is answered before."
