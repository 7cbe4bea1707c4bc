"""Pages for people: what this is, and the API to read and try."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Where to go from here."""
    return render(request, "shop/index.html")


class SchemaView(SpectacularAPIView):
    """``/api/schema/``: OpenAPI 3 in YAML, or in JSON for whoever accepts only that. Public, like the contracts it is made of."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []


# The reader of the schema sets style attributes; scripts stay our own.
@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """``/api/docs/``: the same to read and try, with assets of our own only."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    url_name = "api-schema"
