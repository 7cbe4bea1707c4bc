"""Beginning a batch: its rows are written down as they are at that moment, in one transaction with whoever began it and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import QueryDict
from structlog.contextvars import get_contextvars
from unfold.widgets import UnfoldAdminIntegerFieldWidget
from uuid_utils.compat import uuid7

from shop.console.batches.choosing import Chosen
from shop.console.batches.models import Batch, BatchRow
from shop.console.verbs import Verb
from shop.contracts.console import RunBatch
from shop.messaging.audit import record_action, valid_reason
from shop.messaging.bus import send, unit_of_work
from shop.messaging.context import current_actor, current_correlation
from shop.messaging.delivery.retrying import retrying
from shop.messaging.errors import Missing, Refused
from shop.messaging.sets import insert_rows

if TYPE_CHECKING:
    from shop.console.base import OpsModelAdmin

AT_A_TIME: Final = 10_000
FASTEST: Final = 6_000  # rows a minute that can be asked for
ROW_COLUMNS: Final = (
    ("batch_id", "uuid"), ("position", "integer"), ("key", "text"), ("seen", "text"), ("outcome", "text"), ("sentence", "text"),
)  # fmt: skip


class PaceForm(forms.Form):
    """How fast, for those who would be knocked over."""

    per_minute = forms.IntegerField(
        label="At most so many rows a minute",
        required=False,
        min_value=1,
        max_value=FASTEST,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Empty: as fast as the workers are. Spare a provider that has just come back.",
    )


def offers(verb: Verb, form: forms.Form) -> bool:
    """Whether a verb is offered for more rows than fit on a page. A file is not kept for later."""
    return verb.bulk and not verb.on_list and not form.is_multipart()


def begin(admin: OpsModelAdmin, verb: Verb, chosen: Chosen, sent: QueryDict, form: forms.Form, per_minute: int | None) -> Batch:
    """Write the batch and its rows, and ask the workers for it. Raises ``Missing`` without rows and ``Refused`` with too many."""
    reason = valid_reason(str(form.cleaned_data["reason"]))
    given = _given(sent, form)
    return retrying(lambda: _begin(admin, verb, chosen, given, reason, per_minute))


def _begin(
    admin: OpsModelAdmin, verb: Verb, chosen: Chosen, given: Mapping[str, Any], reason: str, per_minute: int | None
) -> Batch:
    with unit_of_work():
        batch = Batch.objects.create(
            id=uuid7(),
            verb=verb.name,
            model=admin.opts.label_lower,
            permission=verb.permission(admin.model),
            actor=current_actor(),
            reason=reason,
            given=given,
            selection=chosen.selection,
            query=chosen.remembered(),
            per_minute=per_minute,
            correlation_id=current_correlation() or uuid7(),
            request_id=str(get_contextvars().get("request_id", ""))[:64],
        )
        batch.total = _write_rows(batch.pk, chosen.versions(settings.BATCH_MAX_ROWS + 1))
        if not batch.total:
            raise Missing("not_found", "None of these rows is there any more.")
        if batch.total > settings.BATCH_MAX_ROWS:
            raise Refused("too_many_rows", too_many())
        batch.save(update_fields=["total"])
        record_action(
            verb="batch.begin",
            target_type="shop.batch",
            target_id=batch.pk,
            reason=reason,
            after={"verb": f"{admin.opts.model_name}.{verb.name}", "rows": batch.total},
        )
        send(RunBatch(batch_id=batch.pk, after=0))
    return batch


def too_many() -> str:
    """What somebody is told who chose more than a batch takes."""
    most = f"{settings.BATCH_MAX_ROWS:,}"
    return f"These are more than {most} rows, the most of one batch: narrow the list with a tab, a search or a filter."


def _write_rows(batch: UUID, found: Iterator[tuple[str, str]]) -> int:
    total = 0
    while some := list(islice(found, AT_A_TIME)):
        rows = [(batch, total + nth, key, seen, "WAITING", "") for nth, (key, seen) in enumerate(some, start=1)]
        insert_rows(BatchRow._meta.db_table, ROW_COLUMNS, rows)
        total += len(rows)
    return total


def _given(sent: QueryDict, form: forms.Form) -> dict[str, list[str]]:
    """What was sent for the fields of the form (a field may send several: a date and a time), and nothing else."""
    names = [form.add_prefix(name) for name in form.fields]
    return {
        key: [str(value) for value in values]
        for key, values in sent.lists()
        if any(key == name or key.startswith(f"{name}_") for name in names)
    }
