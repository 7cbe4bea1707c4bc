"""What became of one thing's rows, in words: which columns, from what to what, by whom and why. Personal values are masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import F, Model, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.urls import reverse

from shop.console.formats import DASH, as_json, badge, clamped, link, moment, whole_words
from shop.console.sections import Table
from shop.contracts.redaction import ERASED
from shop.messaging.audited import MASK, Audited, audited, tables_of
from shop.messaging.models import ObjectChange
from shop.messaging.states import ChangeKind

MOST: Final = 20
SEE: Final = "messaging.view_objectchange"
TONES: Final = {ChangeKind.INSERT: "good", ChangeKind.UPDATE: "busy", ChangeKind.DELETE: "bad"}
Names = Mapping[tuple[str, int], str]


def object_changes(model: type[Model], row: Model, request: HttpRequest) -> list[Table]:
    """The newest changes of one thing and what belongs to it; no section for what nobody records."""
    tables = tables_of(model._meta.db_table)
    if not tables:
        return []
    found = list(ObjectChange.objects.filter(table_name__in=tables, object_id=str(row.pk)).order_by("-id")[:MOST])
    names = names_in(found)
    rows = [
        (
            moment(one.at),
            whole_words(one.actor),
            whole_words(f"{called(one.table_name)} {one.get_operation_display().lower()}"),
            said_of(one, names),
            why(one),
        )
        for one in found
    ]
    headings = ("When", "Who", "What", "From what to what", "Why")
    return [Table("Changes", headings, rows, empty="None is on record.", note=_all_of(model, row, request) if rows else "")]


def _all_of(model: type[Model], row: Model, request: HttpRequest) -> str:
    if not request.user.has_perm(SEE):
        return ""
    query = urlencode({"of": model._meta.db_table, "q": row.pk})
    return link(f"{reverse('admin:messaging_objectchange_changelist')}?{query}", f"The latest {MOST} at most: show all")


def said_of(change: ObjectChange, names: Names) -> str:
    """``price: 1450 → 1250; name: …``; of a row that came or went only what it holds: ``price: 1450``."""
    told = differences(change, names)
    if change.operation == ChangeKind.UPDATE:
        return "; ".join(f"{column}: {before} → {after}" for column, before, after in told)
    key = _declared(change.table_name).key
    values = ((column, after if change.operation == ChangeKind.INSERT else before) for column, before, after in told)
    return "; ".join(f"{column}: {value}" for column, value in values if column not in {"id", key} and value != DASH)


def differences(change: ObjectChange, names: Names) -> list[tuple[str, str, str]]:
    """Each column that differs, with both values as they may be shown."""
    return [
        (column, shown(change, column, change.before, names), shown(change, column, change.after, names))
        for column in dict.fromkeys([*change.before, *change.after])
        if change.before.get(column) != change.after.get(column) or change.before.get(column) in {MASK, ERASED}
    ]


def shown(change: ObjectChange, column: str, values: Mapping[str, Any], names: Names) -> str:
    """One value as text; a dash for an empty one."""
    value = may_be_shown(change, column, values.get(column), names)
    if value in (None, "", [], {}):
        return DASH
    return value if isinstance(value, str) else as_json(value).replace("\n", " ")


def may_be_shown(change: ObjectChange, column: str, value: Any, names: Names) -> Any:
    """One value: masked if it says who somebody is, by its name if it is a role or a permission, else as it is."""
    if value and column in _declared(change.table_name).personal:
        return masked(value)
    if isinstance(value, int) and (column, value) in names:
        return names[column, value]
    return value


def masked(value: Any) -> str:
    """Enough of a personal value to see that it differs, and of an address where mail goes, but not who it is."""
    if not isinstance(value, str):
        return MASK
    if value == ERASED:
        return value
    person, at, place = value.rpartition("@")
    if at:
        return f"{person[:1]}{MASK}@{place}"
    return " ".join(f"{word[:1]}{MASK}" for word in value.split()[:4])


def why(change: ObjectChange) -> str:
    """The verb and the reason, as far as there are any."""
    return ": ".join(part for part in (change.verb, change.reason) if part) or DASH


def names_in(changes: Iterable[ObjectChange]) -> Names:
    """What roles and permissions are called whose ids stand in these changes, in one query each and only if there are any."""
    wanted: dict[str, set[int]] = {"group_id": set(), "permission_id": set()}
    for change in changes:
        if change.table_name.startswith("auth_"):
            for values in (change.before, change.after):
                for column, ids in wanted.items():
                    if isinstance(values.get(column), int):
                        ids.add(values[column])
    found: dict[tuple[str, int], str] = {}
    if wanted["group_id"]:
        groups = Group.objects.filter(pk__in=wanted["group_id"]).values_list("pk", "name")
        found |= {("group_id", key): name for key, name in groups}
    if wanted["permission_id"]:
        name = Concat(F("content_type__app_label"), Value("."), F("codename"))
        permissions = Permission.objects.filter(pk__in=wanted["permission_id"]).order_by("pk").values_list("pk", name)
        found |= {("permission_id", key): label for key, label in permissions}
    return found


def operation_badge(change: ObjectChange) -> Any:
    """Added, changed or removed."""
    return badge(change.get_operation_display(), TONES[ChangeKind(change.operation)])


def called(table: str) -> str:
    """What people call a row of this table."""
    if label := _declared(table).label:
        return label
    model = _models().get(table)
    if model is None:
        return table
    name = str(model._meta.verbose_name).replace("-", " ")
    return name.capitalize()


def link_to_object(change: ObjectChange, text: str) -> Any:
    """The page of the thing that changed, if it has one and is still there to be asked for."""
    model = _models().get(_declared(change.table_name).owner)
    if model is None or model not in admin.site._registry or not change.object_id:
        return text
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[change.object_id])
    return link(address, text)


def in_words(changes: Sequence[ObjectChange]) -> list[Any]:
    """The last cell of each row of a list: from what to what, at most three lines."""
    names = names_in(changes)
    return [clamped(said_of(one, names)) for one in changes]


def _declared(table: str) -> Audited:
    return audited().get(table) or Audited(table)


@cache
def _models() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
