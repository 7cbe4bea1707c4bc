"""The sizes we made, for storages that do not serve files themselves. What was uploaded is never served."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

from catalog.images.sizes import FOLDER

A_YEAR = 31_536_000


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """``GET /media/products/{imageId}/{size}.webp``. Names are unguessable and what they name never changes."""
    response = serve(request, name, document_root=f"{settings.MEDIA_ROOT}/{FOLDER}")
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
