"""Taking the audit trail out as a file. Who took which span and why is written into the trail first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from shop.console.base import OpsModelAdmin
from shop.console.downloads import as_file
from shop.console.trail import FORMATS, lines_of, trail_of
from shop.console.verbs import ReasonForm, Verb
from shop.messaging.audit import record_action, valid_reason
from shop.messaging.bus import unit_of_work
from shop.messaging.context import current_actor
from shop.messaging.models import OperatorAction

DOWNLOAD_MINUTES: Final = 10
DAY: Final = dt.timedelta(days=1)


class SpanForm(ReasonForm):
    """Which days, and as what."""

    since = forms.DateField(
        label="From",
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text="The first day, in UTC.",
    )
    until = forms.DateField(
        label="To",
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text="The last day, all of it.",
    )
    form = forms.ChoiceField(
        label="As",
        choices=[("csv", "CSV, safe to open in a spreadsheet"), ("jsonl", "JSON lines")],
        widget=UnfoldAdminSelectWidget,
    )
    field_order: Sequence[str] = ("since", "until", "form", "reason")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            raise forms.ValidationError("The last day comes before the first.")
        return given


class ExportTrail(Verb):
    """A span of time as a file."""

    name, label, icon, bulk, on_list = "export", "Export", "download", False, True
    meaning = "A file of what is on record between two days, personal values masked. Who took it and why is written down."
    form = SpanForm

    def initial(self, row: Any | None) -> dict[str, Any]:
        today = dt.datetime.now(dt.UTC).date()
        return {"since": today - 30 * DAY, "until": today, "form": "csv"}

    def do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any]) -> str:
        reason = valid_reason(str(given.get("reason", "")))
        span = {name: str(given[name]) for name in ("since", "until", "form")}
        with unit_of_work():
            record_action(
                verb=f"{model._meta.model_name}.export",
                target_type=model._meta.label_lower,
                target_id=f"{span['since']}/{span['until']}",
                reason=reason,
                after=span,
            )
        return f"The file may be taken from this page for the next {DOWNLOAD_MINUTES} minutes."


class ExportingAdmin(OpsModelAdmin):
    """A list of the trail with its exports: the file comes from the next page, to whoever has written down why."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self._download))
        return [path("export/<int:key>/", view, name=self._address), *super().get_urls()]

    @property
    def _address(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_export"

    def list_links(self) -> Sequence[tuple[str, str, str]]:
        """The files this person may take now."""
        return [
            (f"Download {self._file_name(action)}", "download", reverse(f"admin:{self._address}", args=[action.pk]))
            for action in self._exports().order_by("-id")[:3]
        ]

    def _exports(self) -> Any:
        lately = Now() - dt.timedelta(minutes=DOWNLOAD_MINUTES)
        mine = OperatorAction.objects.filter(actor=current_actor(), at__gt=lately)
        return mine.filter(verb=f"{self.opts.model_name}.export")

    def _file_name(self, action: OperatorAction) -> str:
        span = action.after
        return f"{trail_of(self.model).name}-{span['since']}-{span['until']}.{span['form']}"

    def _download(self, request: HttpRequest, key: int) -> HttpResponseBase:
        """The file of an export that this person has written down within the last ten minutes. 404 without."""
        if not self.has_view_permission(request) or not request.user.has_perm(ExportTrail().permission(self.model)):
            raise PermissionDenied
        action = self._exports().filter(pk=key).first()
        if action is None:
            raise Http404("Export it first: who takes the file and why is written down.")
        since, until = (dt.datetime.fromisoformat(action.after[name]).replace(tzinfo=dt.UTC) for name in ("since", "until"))
        form = action.after["form"]
        lines = lines_of(trail_of(self.model), since, until + DAY, form)
        return as_file(self._file_name(action), lines, FORMATS[form])
