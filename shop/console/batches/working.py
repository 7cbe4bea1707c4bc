"""Acting on the next rows of a batch: their deeds, what came of each, and how far the batch is commit together.

So a row is acted on exactly once, wherever a worker is killed. Each deed is a savepoint of its own, with its own audit row: one
that is refused or fails leaves nothing and disturbs no other. Rows come in the order of their keys, as all handlers lock them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.http import HttpRequest, QueryDict

from shop.console.batches.models import Batch, BatchRow
from shop.console.batches.states import Outcome
from shop.console.deeds import told
from shop.console.verbs import Verb
from shop.messaging.bus import unit_of_work
from shop.messaging.context import acting
from shop.messaging.delivery.failure import failure_of
from shop.messaging.delivery.retrying import TRANSIENT, TRIES, database_is_gone, sqlstate
from shop.messaging.errors import Refused
from shop.messaging.sets import select, update_rows

if TYPE_CHECKING:
    from shop.console.base import OpsModelAdmin

log = structlog.get_logger(__name__)

CHUNK: Final = 25  # rows whose locks one transaction holds
SECONDS: Final = 1.0  # after which it begins no further row
STEPS_PER_MINUTE: Final = 6  # of a batch with a pace
LONGEST_SENTENCE: Final = 1_000
STAFF: Final = "staff:"
NEXT: Final = "WHERE batch_id = %s AND outcome = 'WAITING' AND position > %s ORDER BY position LIMIT %s"


class CannotGoOn(Exception):
    """The batch must stop; the message says why, as a sentence for people."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a batch needs to act: the screen it was begun on, its verb, and the form as it reads now."""

    screen: OpsModelAdmin
    verb: Verb
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one row."""

    position: int
    outcome: Outcome
    sentence: str


def screen_of(batch: Batch) -> tuple[OpsModelAdmin, Verb] | None:
    """The screen whose rows these are and the verb, if this version of the code has both."""
    try:
        screen: Any = django_admin.site._registry.get(apps.get_model(batch.model))
    except LookupError:
        return None
    verb = screen.verb_named(batch.verb) if screen is not None else None
    return (screen, verb) if verb is not None else None


def may(actor: str, permission: str, model: type[Model]) -> bool:
    """Whether this actor is a member of staff who may, now, see these rows and use the verb on them."""
    user = get_user_model().objects.filter(username=actor.removeprefix(STAFF)).first()
    if user is None or not (user.is_active and user.is_staff and actor.startswith(STAFF)):
        return False
    return bool(user.has_perms([permission, f"{model._meta.app_label}.view_{model._meta.model_name}"]))


def work_chunk(batch: Batch) -> int:
    """Act on the next rows of the locked batch and count what came of them; how many there were, 0 when none is left.

    Raises ``CannotGoOn`` before the first deed.
    """
    rows = select(BatchRow, NEXT, [batch.pk, batch.position, _size(batch)])
    if not rows:
        return 0
    work = _work_of(batch)
    with acting(batch.actor, batch.correlation_id):
        came = _act(work, rows)
    _note(batch, came)
    return len(came)


def _size(batch: Batch) -> int:
    return CHUNK if batch.per_minute is None else max(1, min(CHUNK, batch.per_minute // STEPS_PER_MINUTE))


def _work_of(batch: Batch) -> Work:
    found = screen_of(batch)
    if found is None:
        raise CannotGoOn("This version of the shop has no such verb any more.")
    screen, verb = found
    if not may(batch.actor, batch.permission, screen.model):
        raise CannotGoOn(f"{batch.actor.removeprefix(STAFF)} may not do this any more. Somebody who may can let it go on.")
    sent = QueryDict(mutable=True)
    for name, values in batch.given.items():
        sent.setlist(name, values)
    form = verb.build_form(sent, None, HttpRequest())
    if not form.is_valid():
        raise CannotGoOn("What was typed in is not accepted any more. Begin anew with what is left.")
    return Work(screen, verb, form.cleaned_data)


def _act(work: Work, rows: Sequence[BatchRow]) -> list[Came]:
    ends_at = time.monotonic() + SECONDS
    came: list[Came] = []
    for row in rows:
        came.append(Came(row.position, *_deed(work, row)))
        if time.monotonic() >= ends_at:
            break
    return came


def _deed(work: Work, row: BatchRow) -> tuple[Outcome, str]:
    for attempt in range(1, TRIES + 1):
        try:
            with unit_of_work():
                return Outcome.DONE, work.verb.do(work.screen.model, row.key, row.seen, work.given)
        except Refused as refusal:
            return Outcome.REFUSED, told(refusal, row.key)
        except Exception as error:
            if database_is_gone(error):
                raise
            if sqlstate(error) in TRANSIENT and attempt < TRIES:
                continue
            log.exception("batch_row_failed", batch=str(row.batch_id), position=row.position)
            return Outcome.FAILED, failure_of(error).error
    raise AssertionError("unreachable")


def _note(batch: Batch, came: Sequence[Came]) -> None:
    update_rows(
        BatchRow._meta.db_table,
        ("position", "integer"),
        (("outcome", "text"), ("sentence", "text")),
        [(one.position, one.outcome.value, one.sentence[:LONGEST_SENTENCE].replace("\x00", "")) for one in came],
        where=f"t.batch_id = '{batch.pk}'",
    )
    batch.done += sum(one.outcome == Outcome.DONE for one in came)
    batch.refused += sum(one.outcome == Outcome.REFUSED for one in came)
    batch.failed += sum(one.outcome == Outcome.FAILED for one in came)
    batch.position = came[-1].position
