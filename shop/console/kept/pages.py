"""The page of the lists somebody has kept, and what changes them: POST only, back to where one was."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from shop.console.kept import keeping
from shop.messaging.errors import Invalid, Missing, Refused


def kept_urls() -> list[URLPattern]:
    """Addresses below ``/admin/``, for whoever is signed in."""

    def mine(view: Any) -> Any:
        return admin.site.admin_view(view)

    return [
        path("kept/", mine(_kept), name="kept"),
        path("kept/<int:key>/rename/", mine(_rename), name="kept_rename"),
        path("kept/<int:key>/drop/", mine(_drop), name="kept_drop"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def _kept(request: HttpRequest) -> HttpResponse:
    """The lists on GET; keep one more on POST, and go there."""
    if request.method != "POST":
        return _page(request)
    given = {name: request.POST.get(name, "") for name in ("screen", "query", "name")}
    try:
        made = keeping.keep(request, **given)
    except Refused as refusal:
        return _page(request, wanted=given, refused=refusal)
    messages.success(request, f"This list is kept as “{made.name}”.")
    return HttpResponseRedirect(made.url)


@require_POST
def _rename(request: HttpRequest, key: int) -> HttpResponse:
    typed = request.POST.get("name", "")
    try:
        name = keeping.rename(request, key, typed)
    except Refused as refusal:
        return _page(request, renaming=(key, typed), refused=refusal)
    messages.success(request, f"It is called “{name}” now.")
    return HttpResponseRedirect(reverse("admin:kept"))


@require_POST
def _drop(request: HttpRequest, key: int) -> HttpResponse:
    keeping.drop(request, key)
    messages.success(request, "The list is dropped; its rows are where they were.")
    return HttpResponseRedirect(reverse("admin:kept"))


def _page(
    request: HttpRequest,
    *,
    wanted: dict[str, str] | None = None,
    renaming: tuple[int, str] = (0, ""),
    refused: Refused | None = None,
) -> HttpResponse:
    status = 200 if refused is None else 404 if isinstance(refused, Missing) else 422 if isinstance(refused, Invalid) else 409
    context = {
        **admin.site.each_context(request),
        "title": "Kept lists",
        "kept": [(one, renaming[1][:100] if one.id == renaming[0] else one.name) for one in keeping.kept_by(request)],
        "wanted": wanted,
        "refused": refused.message if refused else "",
        "longest": keeping.LONGEST_NAME,
    }
    return TemplateResponse(request, "console/kept.html", context, status=status)
