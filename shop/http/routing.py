"""Several operations at one address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from shop.http.errors import render
from shop.http.replies import NO_CONTENT
from shop.http.views import MessageView, http_of


class Resource:
    """What stands at one address: one view per method. Every other method is answered 405, OPTIONS with what there is."""

    csrf_exempt = True  # a token in a header cannot be sent by another site's form

    def __init__(self, *views: type[MessageView]) -> None:
        self.views = {_method(view): view for view in views}
        self._entries = {method: view.as_view() for method, view in self.views.items()}
        if "GET" in self._entries:
            self._entries["HEAD"] = self._entries["GET"]
        self.allowed = ", ".join([*self._entries, "OPTIONS"])
        self.__name__ = self.__qualname__ = "_".join(view.__name__ for view in views)

    def __call__(self, request: HttpRequest, **captured: Any) -> HttpResponseBase:
        entry = self._entries.get(request.method or "")
        if entry is not None:
            return entry(request, **captured)
        if request.method == "OPTIONS":
            return HttpResponse(status=NO_CONTENT, headers={"Allow": self.allowed})
        response = render(405, "method_not_allowed", "This address does not take that method.")
        response["Allow"] = self.allowed
        return response


def resource(*views: type[MessageView]) -> Resource:
    """The view for ``path()`` at an address that several operations share: ``resource(GetCart, AddItem)``."""
    return Resource(*views)


def _method(view: type[MessageView]) -> str:
    contract = view.contract()
    assert contract is not None
    return http_of(contract).method
