"""The one base class of every screen: read-only rows, named verbs, quick lists, pages made of sections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from unfold.admin import ModelAdmin
from unfold.decorators import display

from shop.console.batches.choosing import LIST, address_of
from shop.console.changes import object_changes
from shop.console.checkboxes import row_checkbox
from shop.console.confirming import confirm
from shop.console.formats import badge
from shop.console.history import operator_history
from shop.console.keys import clean_keys
from shop.console.paging import CappedPaginator, OpsChangeList, capped_count
from shop.console.terms import Term, read_term
from shop.console.verbs import Verb

Narrow = Callable[[QuerySet[Any]], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of a list: its name in the address, its label, and what it keeps. The first one is the default."""

    name: str
    label: str
    keep: Narrow
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows that failed alike: one cause, one click."""

    fingerprint: str
    error: str
    count: int
    oldest: Any
    where: str = ""


class OpsModelAdmin(ModelAdmin):
    """Rows are looked at here and changed only by verbs. Subclasses say what a list shows and what a page is made of."""

    verbs: ClassVar[Sequence[Verb]] = ()
    tabs: ClassVar[Sequence[Tab]] = ()
    tones: ClassVar[dict[str, str]] = {}
    state_field: ClassVar[str] = "status"
    empty: ClassVar[tuple[str, str]] = ("Nothing here", "Nothing matches. Try another tab or another search.")
    intro: ClassVar[str] = ""

    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_fullwidth = True
    list_disable_select_all = True
    list_filter_sheet = True
    list_before_template = "console/list_before.html"
    actions_on_top = True
    sortable_by: Sequence[str] = ()
    search_fields: Sequence[str] = ()

    def list_links(self) -> Sequence[tuple[str, str, str]]:
        """Where else a list leads: label, icon, address."""
        return ()

    # Permissions: looking is a permission of its own, and every verb another. Nothing is edited in place.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may(self, request: HttpRequest, verb: Verb) -> bool:
        """Whether this person may see these rows and use this verb."""
        return self.has_view_permission(request) and request.user.has_perm(verb.permission(self.model))

    def verb_named(self, name: str) -> Verb | None:
        """The verb with that name in its address."""
        return next((verb for verb in self.verbs if verb.name == name), None)

    # Addresses

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view(self._confirm)
        return [path("verbs/<slug:name>/", view, name=f"{name}_verb"), *super().get_urls()]

    def _confirm(self, request: HttpRequest, name: str) -> HttpResponse:
        return confirm(request, self, name)

    def list_url(self) -> str:
        """The address of the list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def url_of(self, key: object) -> str:
        """The address of one row's page."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[key]) if key else self.list_url()

    def verb_url(self, verb: Verb, **query: str) -> str:
        """Where a verb is previewed and confirmed."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_verb", args=[verb.name])
        return f"{address}?{urlencode(query)}" if query else address

    # Lists

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OpsChangeList]:
        return OpsChangeList

    def current_tab(self, request: HttpRequest) -> Tab | None:
        """The tab in the address. A search looks everywhere unless a tab was chosen."""
        wanted = request.GET.get("tab", "")
        if not self.tabs or (not wanted and (request.GET.get("q") or request.GET.get("cause"))):
            return None
        return next((tab for tab in self.tabs if tab.name == wanted), self.tabs[0])

    def narrowed(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """What the tab and the cause in the address leave of a list."""
        tab = self.current_tab(request)
        rows = tab.keep(rows) if tab else rows
        cause = request.GET.get("cause", "").replace("\x00", "")
        return rows.filter(pk__in=self.of_cause(request, cause).values("pk")) if cause else rows

    def of_cause(self, request: HttpRequest, cause: str) -> QuerySet[Any]:
        """The rows that failed for this cause, for lists that group by it."""
        return self.get_queryset(request).none()

    def causes(self, request: HttpRequest) -> Sequence[Cause]:
        """Rows grouped by what went wrong, the largest group first."""
        return ()

    def cause_verbs(self) -> Sequence[Verb]:
        """The verbs offered for a whole cause."""
        return [verb for verb in self.verbs if verb.bulk and not verb.on_list]

    def count_of(self, rows: QuerySet[Any]) -> int:
        """How many, but counted no further than anybody would page."""
        return capped_count(rows)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Fetch in one go what the rows of one page need beyond their own columns."""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        return (self.search(queryset, read_term(search_term)) if search_term else queryset), False

    def search(self, rows: QuerySet[Any], term: Term) -> QuerySet[Any]:
        """The rows an operator means by this term; its shape says which index is asked."""
        keys = clean_keys(self, [term.text])
        return rows.filter(pk__in=keys) if keys else rows.none()

    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Model) -> str:
        return row_checkbox(obj.pk)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {
            verb.name: (self._choose(verb), verb.name, verb.label)
            for verb in self.verbs
            if verb.bulk and not verb.on_list and self.may(request, verb)
        }

    def _choose(self, verb: Verb) -> Callable[..., HttpResponse]:
        """A bulk action changes nothing itself: it leads to the page that asks."""

        def chosen(_admin: Any, _request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
            keys = ",".join(str(key) for key in rows.values_list("pk", flat=True))
            return HttpResponseRedirect(self.verb_url(verb, ids=keys))

        return chosen

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        list_verbs = [(verb, self.verb_url(verb)) for verb in self.verbs if verb.on_list and self.may(request, verb)]
        tab = self.current_tab(request)
        context = {
            "intro": self.intro,
            "empty": self.empty,
            "tabs": [(one, one is tab) for one in self.tabs],
            "list_verbs": list_verbs,
            "list_links": self.list_links(),
            "causes": [(cause, self._cause_links(request, cause)) for cause in self._causes(request)],
            "cause": request.GET.get("cause", ""),
            "title": self.opts.verbose_name_plural.capitalize(),
        }
        response: HttpResponse = super().changelist_view(request, {**context, **(extra_context or {})})
        return response

    def verbs_for_all(self, request: HttpRequest, changelist: Any) -> list[tuple[Verb, str]]:
        """The verbs offered for everything the list holds, once it is more than one page, and where they are previewed."""
        if changelist.result_count <= self.list_per_page:
            return []
        query = address_of(request.GET.urlencode())
        return [
            (verb, self.verb_url(verb, **{LIST: query}))
            for verb in self.verbs
            if verb.bulk and not verb.on_list and self.may(request, verb)
        ]

    def _causes(self, request: HttpRequest) -> Sequence[Cause]:
        return self.causes(request) if self.has_view_permission(request) else ()

    def _cause_links(self, request: HttpRequest, cause: Cause) -> list[tuple[Verb, str]]:
        return [(verb, self.verb_url(verb, cause=cause.fingerprint)) for verb in self.cause_verbs() if self.may(request, verb)]

    # Pages

    def label_of(self, row: Any) -> str:
        """What a row is called."""
        return str(row)

    def state_of(self, row: Any) -> Any:
        """The state of a row as a badge."""
        value = str(getattr(row, self.state_field, ""))
        shown = getattr(row, f"get_{self.state_field}_display", lambda: value)()
        return badge(shown, self.tones.get(value, "plain")) if value else ""

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        """What the page of one row is made of."""
        return ()

    def subtitle_of(self, row: Any) -> str:
        """The line below the title."""
        return str(row.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        keys = clean_keys(self, [unquote(object_id)])
        row = self.get_queryset(request).filter(pk__in=keys).first() if keys else None
        if row is None:
            gone: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id[:100])
            return gone
        self.prepare(request, [row])
        context = {
            **self.admin_site.each_context(request),
            "title": self.label_of(row),
            "opts": self.opts,
            "subtitle_line": self.subtitle_of(row),
            "state": self.state_of(row),
            "kind": self.opts.verbose_name.capitalize(),
            "sections": [
                *self.sections(request, row),
                *operator_history(self.history_of(row)),
                *object_changes(self.model, row, request),
            ],
            "verbs": self._verbs_for(request, row),
            "list_url": self.list_url(),
            "list_title": self.opts.verbose_name_plural.capitalize(),
        }
        return TemplateResponse(request, "console/detail.html", context)

    def history_of(self, row: Model) -> Sequence[str]:
        """Whose operator actions the page shows at its end; empty when its timeline has them already."""
        return [str(row.pk)]

    def _verbs_for(self, request: HttpRequest, row: Any) -> list[tuple[Verb, str, str]]:
        return [
            (verb, self.verb_url(verb, ids=str(row.pk)), verb.refusal(row))
            for verb in self.verbs
            if not verb.on_list and self.may(request, verb)
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(self.url_of(unquote(object_id)))
