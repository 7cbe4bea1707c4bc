"""What operators did to one thing, as a section of its page."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.contrib import admin
from django.db.models import QuerySet

from shop.console.formats import as_json, moment
from shop.console.sections import Table
from shop.messaging.models import OperatorAction

MOST = 20


def operator_history(targets: Sequence[str]) -> list[Table]:
    """The newest actions on any of these ids, or no section at all without ids."""
    if not targets:
        return []
    actions = actions_on(targets).order_by("-id")[:MOST]
    rows = [(moment(action.at), action.actor, action.verb, action.reason, changes(action)) for action in actions]
    headings = ("When", "Who", "Did", "Why", "What it changed")
    return [Table("What operators did", headings, rows, empty="No operator has touched this.")]


def actions_on(targets: Collection[str]) -> QuerySet[OperatorAction]:
    """Every action on one of these ids. The index leads with the type, so the types are named too."""
    return OperatorAction.objects.filter(target_type__in=target_types(), target_id__in=list(targets))


def target_types() -> list[str]:
    """Handlers name their rows by label or by class; the mailbox's subscribers have no table."""
    models = [model._meta for model in admin.site._registry]
    return ["subscriber", *(meta.label_lower for meta in models), *(meta.object_name or "" for meta in models)]


def changes(action: OperatorAction) -> str:
    """The difference between before and after: ``status: dead → open``."""
    names = dict.fromkeys([*action.before, *action.after])
    parts = [
        f"{name}: {_shown(action.before.get(name))} → {_shown(action.after.get(name))}"
        for name in names
        if action.before.get(name) != action.after.get(name)
    ]
    return "; ".join(parts)


def _shown(value: object) -> str:
    if value is None or value == "" or value == []:
        return "—"
    return value if isinstance(value, str) else as_json(value).replace("\n", " ")
