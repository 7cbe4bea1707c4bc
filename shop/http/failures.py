"""What is answered before or behind any view: the site's own 400, 403, 404 and 500, as JSON unless a person looks."""

from __future__ import annotations

import sys
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from shop.http.errors import answer_to, render

FOR_PEOPLE: Final = ("/admin/", "/static/", "/media/")


def _for_people(request: HttpRequest) -> bool:
    return request.path.startswith(FOR_PEOPLE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a request Django itself would not read."""
    return defaults.bad_request(request, exception) if _for_people(request) else answer_to(exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return defaults.permission_denied(request, exception) if _for_people(request) else answer_to(exception)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same for an address nobody serves and for an id that cannot be one."""
    if _for_people(request):
        return defaults.page_not_found(request, exception or Exception())
    return render(404, "not_found", "There is nothing here.")


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when it was the database that went away."""
    error = sys.exc_info()[1]
    if _for_people(request) or error is None:
        return defaults.server_error(request)
    return answer_to(error)
