"""The back office: one site, its dashboard as the first page, the page that checks what must always be true, and a search
across everything."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe
from unfold.sites import UnfoldAdminSite

from config.dashboard import dashboard
from config.flowpage import flow_context
from config.invariantpage import invariant_context, news_of
from config.searching import found_for
from shop.console.kept.pages import kept_urls
from shop.contracts.console import CheckInvariants
from shop.http.authentication import second_factor
from shop.messaging.bus import execute
from shop.messaging.declaring import deed

SEE_INVARIANTS = "messaging.view_message"


class BackOffice(UnfoldAdminSite):
    """Unfold's site with pages of our own."""

    index_template = "backoffice/dashboard.html"
    login_template = "backoffice/login.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff, and whoever has to show a second factor only after that."""
        return super().has_permission(request) and second_factor(request.user)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The dashboard: what needs a person, how today goes, whether everything is alive."""
        response: HttpResponse = super().index(request, {**dashboard(request), **(extra_context or {})})
        return response

    def extra_urls(self) -> list[URLPattern]:
        """Addresses that belong to no table."""
        return [
            path("invariants/", self.admin_view(self.invariants), name="invariants"),
            path("invariants/<uuid:key>/", self.admin_view(_news_of_invariants), name="invariants_news"),
            path("flows/", self.admin_view(self.flows), name="flows"),
            path("find/", self.admin_view(self.find), name="find"),
            *kept_urls(),
        ]

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The command palette. Unfold keeps answers for five minutes; here the newest order is looked for, so nothing is kept."""
        typed = request.GET.get("s", "").lower()
        cache.delete(f"unfold_search_{sha256(f'{request.user.pk}_{typed}'.encode(errors='replace')).hexdigest()}")
        try:
            found: HttpResponse = super().search(request, extra_context)
        except (InvalidPage, ValueError):
            raise Http404("There is no such page of results.") from None
        return found

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One's own password; on record like any other change of an account, without the password."""
        with deed("user.password", "Their own password"):
            changed: HttpResponse = super().password_change(request, extra_context)
        return changed

    def invariants(self, request: HttpRequest) -> HttpResponse:
        """What must always be true, as the last run found it. A POST begins one in the background: a big shop takes minutes."""
        return _invariants(request, self)

    def flows(self, request: HttpRequest) -> HttpResponse:
        """What a command may set off, beside what it did set off for one order."""
        return _flows(request, self)

    def find(self, request: HttpRequest) -> HttpResponse:
        """Everything that answers to one id, e-mail address or number."""
        typed = request.GET.get("q", "")
        context = {**self.each_context(request), "title": "Find", "typed": typed[:200], "found": found_for(request, typed)}
        return TemplateResponse(request, "backoffice/find.html", context)


@require_safe
def _flows(request: HttpRequest, site: BackOffice) -> HttpResponse:
    if not request.user.has_perm(SEE_INVARIANTS):
        raise PermissionDenied
    context = {**site.each_context(request), **flow_context(request.GET.get("start", ""), request.GET.get("about", ""))}
    return TemplateResponse(request, "backoffice/flows.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def _invariants(request: HttpRequest, site: BackOffice) -> HttpResponse:
    if not request.user.has_perm(SEE_INVARIANTS):
        raise PermissionDenied
    if request.method == "POST":
        execute(CheckInvariants())
        return redirect("admin:invariants")
    return TemplateResponse(request, "backoffice/invariants.html", {**site.each_context(request), **invariant_context(request)})


@require_safe
def _news_of_invariants(request: HttpRequest, key: UUID) -> HttpResponseBase:
    if not request.user.has_perm(SEE_INVARIANTS):
        raise PermissionDenied
    news = news_of(key)
    if news is None:
        raise Http404
    return JsonResponse(news)
