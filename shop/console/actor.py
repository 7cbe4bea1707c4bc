"""Whoever is signed in to the back office is the actor of everything sent from it, and its pages get a policy of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

from shop.messaging.context import acting

PREFIX: Final = "/admin/"
LONGEST_ACTOR: Final = 120
# Alpine evaluates its attributes, and Unfold writes its colours into a style element. Nothing comes from outside.
POLICY: Final = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE], "connect-src": [SELF], "font-src": [SELF]}


class BackOffice:
    """Middleware for the addresses of the back office; must come after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        response = self._acting(request)
        response._csp_update = POLICY  # type: ignore[attr-defined]  # what django-csp reads
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _acting(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not (user.is_authenticated and user.is_staff):
            return self.get_response(request)
        with acting(f"staff:{user.get_username()}"[:LONGEST_ACTOR]):
            return self.get_response(request)
