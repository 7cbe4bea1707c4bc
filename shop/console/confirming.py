"""The one page every verb goes through: what it will do to which rows, why, and what came of each. GET never changes anything.

What fits on a page is done at once and reported row by row; more becomes a batch, which goes on by itself (``batches``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from shop.console.batches.choosing import Chosen, chosen, ticked
from shop.console.batches.making import PaceForm, begin, offers, too_many
from shop.console.batches.telling import begun
from shop.console.deeds import told
from shop.console.keys import MOST_KEYS, clean_keys
from shop.console.paging import capped_count
from shop.console.verbs import Done, Verb, version_of
from shop.messaging.errors import Missing, Refused

if TYPE_CHECKING:
    from shop.console.base import OpsModelAdmin

AT_ONCE: Final = 50  # rows that are done while one waits
SHOWN: Final = 25


@dataclass(frozen=True, slots=True)
class Target:
    """One row as the operator saw it, and why the verb would be refused for it, if it would."""

    key: str
    label: str
    seen: str
    refusal: str
    state: Any

    @property
    def field(self) -> str:
        """What the form carries from the preview to the deed."""
        return f"{self.key}:{self.seen}"


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, admin: OpsModelAdmin, name: str) -> HttpResponse:
    """Preview on GET, do it on POST. 404 for an unknown verb, 403 without its permission, 422 without a reason."""
    verb = admin.verb_named(name)
    if verb is None:
        raise Http404(f"There is no verb {name[:40]}.")
    if not admin.may(request, verb):
        raise PermissionDenied
    return _do(request, admin, verb) if request.method == "POST" else _preview(request, admin, verb)


def _preview(request: HttpRequest, admin: OpsModelAdmin, verb: Verb) -> HttpResponse:
    if verb.on_list:
        return _page(request, admin, verb, verb.build_form(None, None, request), [])
    keys = [key for chunk in request.GET.getlist("ids") for key in chunk.split(",")]
    found = chosen(request, admin, request.GET) or ticked(request, admin, keys)
    rows = list(found.rows[: AT_ONCE + 1])
    if not rows:
        raise Http404("None of these rows is there any more.")
    if len(rows) > AT_ONCE:
        form = verb.build_form(None, None, request)
        if offers(verb, form):
            return _batch_page(request, admin, verb, found, form, PaceForm())
        return _page(request, admin, verb, form, _targets(request, admin, verb, rows[:AT_ONCE]), total=admin.count_of(found.rows))
    form = verb.build_form(None, rows[0] if len(rows) == 1 else None, request)
    return _page(request, admin, verb, form, _targets(request, admin, verb, rows))


def _targets(request: HttpRequest, admin: OpsModelAdmin, verb: Verb, rows: Sequence[Any]) -> list[Target]:
    admin.prepare(request, rows)
    return [_target(admin, verb, row) for row in rows]


def _target(admin: OpsModelAdmin, verb: Verb, row: Any) -> Target:
    return Target(str(row.pk), admin.label_of(row), version_of(row), verb.refusal(row), admin.state_of(row))


def _do(request: HttpRequest, admin: OpsModelAdmin, verb: Verb) -> HttpResponse:
    form = verb.build_form(request.POST, None, request)
    if verb.on_list:
        target = Target("", admin.opts.verbose_name.capitalize(), "", "", "")
        return _reported(request, admin, verb, form, [], [target])
    seen = dict(part.partition(":")[::2] for part in request.POST.getlist("seen")[:MOST_KEYS])
    many = chosen(request, admin, request.POST)
    if many is None and len(seen) > AT_ONCE:
        many = ticked(request, admin, list(seen), seen)
    if many is not None and offers(verb, form):
        return _begin(request, admin, verb, many, form)
    targets = _sent(request, admin, verb, dict(list(seen.items())[:AT_ONCE]))
    return _reported(request, admin, verb, form, targets, targets)


def _reported(
    request: HttpRequest, admin: OpsModelAdmin, verb: Verb, form: forms.Form, targets: list[Target], rows: Sequence[Target]
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, admin, verb, form, targets, status=422)
    done = [_one(admin, verb, target, form.cleaned_data) for target in rows]
    if len(done) == 1:
        return _one_done(request, admin, verb, form, targets, done[0])
    return _results(request, admin, verb, done)


def _sent(request: HttpRequest, admin: OpsModelAdmin, verb: Verb, seen: Mapping[str, str]) -> list[Target]:
    """The rows the preview showed, with the versions it showed them in."""
    rows = admin.get_queryset(request).filter(pk__in=clean_keys(admin, list(seen)))
    found = {str(row.pk): row for row in rows}
    admin.prepare(request, list(found.values()))
    if not found:
        raise Http404("None of these rows is there any more.")
    return [
        Target(key, admin.label_of(row), seen[key], verb.refusal(row), admin.state_of(row))
        for key, row in found.items()
        if key in seen
    ]


def _one(admin: OpsModelAdmin, verb: Verb, target: Target, given: Mapping[str, Any]) -> Done:
    try:
        sentence = verb.do(admin.model, target.key, target.seen, given)
    except Refused as refusal:
        return Done(target.key, target.label, False, told(refusal, target.key))
    return Done(target.key, target.label, True, sentence)


def _begin(request: HttpRequest, admin: OpsModelAdmin, verb: Verb, many: Chosen, form: forms.Form) -> HttpResponse:
    """A batch of what was chosen, unless there is more of it now than the preview showed."""
    pace = PaceForm(request.POST)
    if not (form.is_valid() and pace.is_valid()):
        return _batch_page(request, admin, verb, many, form, pace, status=422)
    shown, now = request.POST.get("shown", ""), capped_count(many.rows, settings.BATCH_MAX_ROWS)
    if shown.isascii() and shown.isdigit() and now > int(shown[:9]):
        more = f"There are {now:,} rows by now, {now - int(shown[:9]):,} more than you saw. Look again."
        return _batch_page(request, admin, verb, many, form, pace, status=409, refused=more)
    try:
        batch = begin(admin, verb, many, request.POST, form, pace.cleaned_data["per_minute"])
    except Missing as missing:
        raise Http404(missing.message) from None
    except Refused as refusal:
        return _batch_page(request, admin, verb, many, form, pace, status=409, refused=refusal.message)
    message, address = begun(request, verb, batch)
    messages.success(request, message)
    return _go(request, address or admin.list_url())


def _batch_page(
    request: HttpRequest,
    admin: OpsModelAdmin,
    verb: Verb,
    many: Chosen,
    form: forms.Form,
    pace: PaceForm,
    *,
    status: int = 200,
    refused: str = "",
) -> HttpResponse:
    """How many rows there are, and of the first ones which would be refused and why: those come first."""
    rows = list(many.rows[:MOST_KEYS])
    if not rows:
        raise Http404("None of these rows is there any more.")
    sample = _targets(request, admin, verb, rows)
    total = capped_count(many.rows, settings.BATCH_MAX_ROWS)
    refusals = [target for target in sample if target.refusal]
    batch = {
        "total": total,
        "sampled": len(sample),
        "refusals": len(refusals),
        "pace": pace,
        "carried": many.carried() or [("seen", target.field) for target in sample],
        "too_many": too_many() if total > settings.BATCH_MAX_ROWS else "",
    }
    shown = [*refusals, *(target for target in sample if not target.refusal)][:SHOWN]
    return _page(request, admin, verb, form, shown, status=status, refused=refused, total=total, batch=batch)


def _one_done(
    request: HttpRequest, admin: OpsModelAdmin, verb: Verb, form: forms.Form, targets: list[Target], done: Done
) -> HttpResponse:
    if not done.ok:
        return _page(request, admin, verb, form, targets, status=409, refused=done.sentence)
    messages.success(request, f"{done.label}: {done.sentence}")
    return _go(request, admin.list_url() if verb.removes else _back(request, admin, targets))


def _go(request: HttpRequest, address: str) -> HttpResponse:
    """On to the next page. A dialog is told where instead: following by itself, it would use up the message meant for people."""
    if request.headers.get("X-Requested-With") == "dialog":
        return HttpResponse(status=204, headers={"X-Location": address})
    return HttpResponseRedirect(address)


def _back(request: HttpRequest, admin: OpsModelAdmin, targets: Sequence[Target]) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    kept = targets and admin.get_queryset(request).filter(pk__in=clean_keys(admin, [targets[0].key])).exists()
    return admin.url_of(targets[0].key) if kept else admin.list_url()


def _page(
    request: HttpRequest,
    admin: OpsModelAdmin,
    verb: Verb,
    form: forms.Form,
    targets: Sequence[Target],
    *,
    total: int | None = None,
    status: int = 200,
    refused: str = "",
    batch: Mapping[str, Any] | None = None,
) -> HttpResponse:
    willing = [target for target in targets if not target.refusal]
    context = {
        **admin.admin_site.each_context(request),
        "title": verb.label,
        "opts": admin.opts,
        "verb": verb,
        "form": form,
        "targets": targets,
        "shown": targets[:SHOWN],
        "hidden_count": max(0, len(targets) - SHOWN),
        "total": total if total is not None else len(targets),
        "most": AT_ONCE,
        "batch": batch,
        "willing": len(willing),
        "unwilling": len(targets) - len(willing),
        "refused": refused,
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "action": admin.verb_url(verb),
        "back": admin.url_of(targets[0].key) if len(targets) == 1 else admin.list_url(),
    }
    return TemplateResponse(request, "console/confirm.html", context, status=status)


def _results(request: HttpRequest, admin: OpsModelAdmin, verb: Verb, done: Sequence[Done]) -> HttpResponse:
    context = {
        **admin.admin_site.each_context(request),
        "title": f"{verb.label}: what came of it",
        "opts": admin.opts,
        "verb": verb,
        "rows": [(admin.url_of(item.key), item) for item in done],
        "succeeded": sum(item.ok for item in done),
        "refused_count": sum(not item.ok for item in done),
        "back": admin.list_url(),
    }
    return TemplateResponse(request, "console/results.html", context)
