"""Rows by their keys and versions, from whatever was typed into an address or sent by a form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet

from shop.console.verbs import VERSIONS, version_of

if TYPE_CHECKING:
    from shop.console.base import OpsModelAdmin

MOST_KEYS: Final = 200  # in one address or one form
AT_A_TIME: Final = 2_000


def clean_keys(admin: OpsModelAdmin, keys: Sequence[str]) -> list[Any]:
    """The keys that could be primary keys at all, at most ``MOST_KEYS``; anything else is dropped."""
    return clean(admin.model, keys[:MOST_KEYS])


def clean(model: type[Model], keys: Iterable[str]) -> list[Any]:
    """The keys that could be primary keys of ``model``, as its field reads them."""
    field = model._meta.pk
    found = []
    for key in keys:
        try:
            value = field.to_python(key)
            field.run_validators(value)
        except (ValidationError, ValueError, OverflowError):
            continue
        found.append(value)
    return found


def versions(rows: QuerySet[Any], most: int | None = None) -> Iterator[tuple[str, str]]:
    """Key and version of each row, in the order of the keys; in one statement, of columns only where these say the version.
    At most ``most``."""
    ordered = rows.order_by("pk")
    names = [name for name in VERSIONS if hasattr(rows.model, name)]
    columns = {field.name for field in rows.model._meta.get_fields() if isinstance(field, Field) and field.concrete}
    if columns.issuperset(names):
        for key, *values in ordered.values_list("pk", *names)[:most].iterator(AT_A_TIME):
            yield str(key), next((str(value) for value in values if value is not None), "")
    else:
        for row in ordered[:most].iterator(AT_A_TIME):
            yield str(row.pk), version_of(row)
