"""What an operator can do to a run of a saga: the saga's own operations, with what their answers would have taught typed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import Model, TextChoices
from unfold.widgets import UnfoldAdminTextInputWidget

from shop.console.verbs import ReasonForm, Verb
from shop.messaging.errors import Refused
from shop.messaging.saga import operations
from shop.messaging.saga.declaration import Saga
from shop.messaging.saga.explain import verbs_for


class SagaVerb(Verb):
    """One verb of ``saga.operations`` on the runs of one saga; ``states`` are what its states are called."""

    def __init__(self, saga: type[Saga], states: type[TextChoices], meaning: str = "") -> None:
        self.saga = saga
        self.states = states
        if meaning:
            self.meaning = meaning  # type: ignore[misc]  # the same words for every saga unless it has its own

    def refusal(self, row: Any) -> str:
        allowed = verbs_for(self.saga, row)
        if self.name in allowed:
            return ""
        can = f"you can {', '.join(allowed)}" if allowed else "nothing can be done to it any more"
        return f"It is {self.states(row.state).label.lower()}: {can}."

    def do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any]) -> str:
        how = {"reason": str(given["reason"]), **self.more(given)}
        if seen:
            how["seen_version"] = int(seen) if seen.isdigit() else -1
        result = operations.VERBS[self.name](self.saga, UUID(str(key)), **how)
        if not result.ok:
            raise Refused("refused", result.sentence)
        return f"{result.sentence}."

    def more(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What this verb takes besides a reason."""
        return {}


class Retry(SagaVerb):
    """Ask again."""

    name, label, icon, tone = "retry", "Retry", "replay", "good"
    meaning = "Sends the command it waits for once more, with the same keys. Whatever was already done is not done twice."


class SkipForm(ReasonForm):
    """What shows that the step was done outside."""

    evidence = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "A reference somebody can look up"}),
        help_text="What shows that the step really happened: a provider's reference, a ticket, an order number.",
    )
    field_order = ("evidence", "reason")


class Skip(SagaVerb):
    """Take the step as done."""

    name, label, icon, tone = "skip", "Skip with evidence", "skip_next", "plain"
    meaning = "Takes the current step as done and goes on. Only if it really was done outside of this system."
    form: ClassVar[type[forms.Form]] = SkipForm

    def more(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"evidence": str(given["evidence"])}


class Compensate(SagaVerb):
    """Turn back."""

    name, label, icon, tone = "compensate", "Compensate", "undo", "bad"
    meaning = "Turns back: undoes what was done, and then aborts."


class Abandon(SagaVerb):
    """End it without waiting."""

    name, label, icon, tone = "abandon", "Abandon", "block", "bad"
    meaning = "Ends it as aborted without waiting for anything more. What it still holds is left to its owners' own expiry."


def saga_verbs(saga: type[Saga], states: type[TextChoices], *, turning_back: str) -> Sequence[SagaVerb]:
    """The four verbs of one saga; ``turning_back`` says what is undone."""
    return (Retry(saga, states), Skip(saga, states), Compensate(saga, states, turning_back), Abandon(saga, states))
