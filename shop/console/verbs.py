"""Verbs: everything an operator can do. Each asks for a reason, checks a permission, sends a command, and leaves an audit row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

import pydantic
from django import forms
from django.db.models import Model
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from shop.contracts.base import Command
from shop.messaging.audit import LONGEST_REASON, record_action, valid_reason
from shop.messaging.bus import execute, send, unit_of_work
from shop.messaging.context import acting, current_actor, doing
from shop.messaging.delivery.retrying import retrying
from shop.messaging.errors import Invalid, Missing, Refused

CHANGED = "changed"
VERSIONS: Final = ("version", "sequence", "updated_at")  # what rows keep track of changes with; the first one there is counts


class ReasonForm(forms.Form):
    """Why. Every verb asks for it; some ask for more."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "placeholder": "Why are you doing this?"}),
        help_text="Kept in the audit trail with your name.",
        error_messages={"required": "Say why: this is written into the audit trail."},
    )


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one verb on one row."""

    key: str
    label: str
    ok: bool
    sentence: str


class Verb:
    """Subclass, name, and say what it does. ``name`` is its address and, with the model's name, its permission.

    ``bulk``: offered for many rows, and as a batch for more than fit on a page: ``do`` then runs in a transaction that it shares
    with other rows, and must not leave the process. ``on_list``: it concerns no existing row
    (creating, receiving). ``removes``: the row is gone afterwards, so that the way leads back. Instances keep no state.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str] = "bolt"
    tone: ClassVar[str] = "plain"
    meaning: ClassVar[str] = ""
    form: ClassVar[type[forms.Form]] = ReasonForm
    bulk: ClassVar[bool] = True
    on_list: ClassVar[bool] = False
    removes: ClassVar[bool] = False

    def codename(self, model: type[Model]) -> str:
        """The permission's codename: ``retry_checkoutsession``."""
        return f"{self.name}_{model._meta.model_name}"

    def permission(self, model: type[Model]) -> str:
        """The permission as ``has_perm`` takes it."""
        return f"{model._meta.app_label}.{self.codename(model)}"

    def refusal(self, row: Any) -> str:
        """Why this cannot be done to ``row`` as it is now; empty if it can."""
        return ""

    def initial(self, row: Any | None) -> dict[str, Any]:
        """What the form starts from."""
        return {}

    def build_form(self, data: Any, row: Any | None, request: HttpRequest) -> forms.Form:
        """The form, bound or not."""
        files = request.FILES if data is not None else None
        return self.form(data, files, initial=self.initial(row))

    def do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any]) -> str:
        """Do it to one row, in transactions of its own, and say what was done. Raises ``Refused``; then nothing changed.

        ``seen`` is the version the operator looked at, ``given`` the cleaned form.
        """
        raise NotImplementedError


class CommandVerb(Verb):
    """One command per row, together with its audit row and under the row's lock.

    ``audited``: the handler writes the audit row itself. ``by_mail``: the handler leaves the process, so the command is sent
    and its answer shows up in the timeline.
    """

    audited: ClassVar[bool] = False
    by_mail: ClassVar[bool] = False

    def command(self, row: Any, given: Mapping[str, Any]) -> Command:
        """What is asked of the row's department."""
        raise NotImplementedError

    def sentence(self, row: Any, answer: Any) -> str:
        """What the operator is told when it worked."""
        return "Sent; what comes of it appears in the timeline." if self.by_mail else "Done."

    def chain(self, row: Any) -> UUID | None:
        """The correlation this belongs to, so that it appears in that timeline."""
        return None

    def snapshot(self, row: Any) -> dict[str, Any]:
        """What is worth keeping of the row before and after."""
        return {name: str(getattr(row, name)) for name in ("status", "lifecycle_status", "version") if hasattr(row, name)}

    def do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any]) -> str:
        reason = valid_reason(str(given.get("reason", "")))
        with doing(f"{model._meta.model_name}.{self.name}", reason):
            return retrying(lambda: self._do(model, key, seen, given, reason))

    def _do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any], reason: str) -> str:
        with unit_of_work():
            row = None if self.on_list else locked(model, key, seen)
            if row is not None and (why_not := self.refusal(row)):
                raise Refused("not_allowed_now", why_not)
            with acting(current_actor(), self.chain(row) if row is not None else None):
                before = self.snapshot(row) if row is not None else {}
                answer = self._carry_out(built(lambda: self.command(row, given)))
                if not self.audited:
                    self._audit(model, row, reason, before, answer)
            return self.sentence(row, answer)

    def _carry_out(self, command: Command) -> Any:
        return send(command) if self.by_mail else execute(command)

    def _audit(self, model: type[Model], row: Any | None, reason: str, before: dict[str, Any], answer: Any) -> None:
        kept = model._default_manager.filter(pk=row.pk).first() if row is not None else None
        after = self.snapshot(kept) if kept is not None else {}
        target = row.pk if row is not None else self.target_of(answer)
        record_action(
            verb=f"{model._meta.model_name}.{self.name}",
            target_type=model._meta.label_lower,
            target_id=target,
            reason=reason,
            before=before,
            after=after,
        )

    def target_of(self, answer: Any) -> Any:
        """The id of what a verb without a row has made."""
        return ""


def version_of(row: Any) -> str:
    """What an operator saw of a row, to compare with what it is when he acts; empty for rows that do not keep track."""
    for name in VERSIONS:
        if getattr(row, name, None) is not None:
            return str(getattr(row, name))
    return ""


def locked(model: type[Model], key: Any, seen: str) -> Any:
    """The row, locked, as the operator saw it. Raises ``Missing``, or ``Refused`` if it has changed since."""
    row = model._default_manager.select_for_update(of=("self",)).filter(pk=key).first()
    if row is None:
        raise Missing("not_found", "It is not there any more.")
    if seen and version_of(row) != seen:
        raise Refused(CHANGED, "It has changed since you looked; look again.")
    return row


def built(build: Any) -> Command:
    """The command, or ``Invalid`` with what its contract does not accept."""
    try:
        command: Command = build()
    except pydantic.ValidationError as error:
        told = "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors())
        raise Invalid("invalid_input", told) from None
    return command
