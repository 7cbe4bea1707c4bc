"""One log line per request: what was asked and how it ended, under the correlation id of the messages it led to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bound_contextvars

from shop.http.views import CORRELATION


class RequestLog(RequestMiddleware):
    """Without the query string: people search by e-mail address and name, and a log is no place for either."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and escaped path."""
        return f"{request.method} {request.get_full_path().partition('?')[0]}"

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Write the line; an answer of the API says in which chain it was made."""
        chain = response.headers.get(CORRELATION)
        with bound_contextvars(**({"correlation_id": chain} if chain else {})):
            super().handle_response(request, response)
