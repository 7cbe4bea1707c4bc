"""Every failure as one shape: ``{"code", "message", "errors"?: {field: [sentence]}, "data"?}``. Nothing internal gets out."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, Error, IntegrityError
from django.http import Http404, HttpResponse, JsonResponse, UnreadablePostError
from pydantic import ValidationError
from rest_framework import exceptions
from structlog.contextvars import bound_contextvars

from shop.http.parsing import too_large
from shop.messaging.delivery.retrying import TRANSIENT, database_is_gone, sqlstate
from shop.messaging.errors import Invalid, LeaseLost, Missing, Refused, Unavailable

log = structlog.get_logger(__name__)

RETRY_AFTER: Final = "retryAfterSeconds"
CHALLENGE: Final = 'Bearer realm="shop"'

UNIQUE_VIOLATION: Final = "23505"
STATEMENT_CANCELLED: Final = "57014"
OUT_OF_RESOURCES: Final = "53"
RETRYABLE: Final = frozenset({429, 503})
UNAUTHORIZED: Final = 401
SOON: Final = 1  # seconds after which a database that hiccuped is worth another try

_CODES: Final[Mapping[type[exceptions.APIException], tuple[str, str]]] = {
    exceptions.NotAuthenticated: ("not_authenticated", "This needs a bearer token."),
    exceptions.AuthenticationFailed: ("invalid_token", "The bearer token is not valid."),
    exceptions.PermissionDenied: ("forbidden", "The bearer token does not allow this."),
    exceptions.NotFound: ("not_found", "There is nothing here."),
    exceptions.MethodNotAllowed: ("method_not_allowed", "This address does not take that method."),
    exceptions.NotAcceptable: ("not_acceptable", "The answer can only be application/json."),
    exceptions.UnsupportedMediaType: ("unsupported_media_type", "The body has to be application/json."),
    exceptions.Throttled: ("too_many_requests", "Too many requests; wait a little."),
    exceptions.ParseError: ("malformed_json", "The body is not JSON."),
}
_PLAIN: Final[Sequence[tuple[tuple[type[BaseException], ...], Refused]]] = (
    ((Http404,), Missing("not_found", "There is nothing here.")),
    ((PermissionDenied,), Refused("forbidden", "This is not allowed.", status=403)),
    ((SuspiciousOperation, UnreadablePostError), Invalid("bad_request", "The request could not be read.")),
    (
        (LeaseLost,),
        Refused("request_in_progress", "The same request is being worked on.", data={RETRY_AFTER: SOON}),
    ),
)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """The answer to a request whose view raised ``error``. An unexpected one is logged, with its traceback, as 500."""
    correlation_id = getattr(context.get("view"), "correlation_id", None)
    with bound_contextvars(correlation_id=str(correlation_id)):
        return answer_to(error)


def answer_to(error: BaseException) -> HttpResponse:
    """The answer to whatever went wrong."""
    if isinstance(error, exceptions.APIException):
        return _framework(error)
    return _answer(refusal_of(error))


def refusal_of(error: BaseException) -> Refused:
    """The refusal that ``error`` amounts to; the unexpected is logged and says nothing about itself."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, ValidationError):  # the request itself was read: something computed from it is out of bounds
        _log("message_not_valid", error, fields=[detail["loc"] for detail in error.errors()])
        return Invalid("invalid", "The request leads to something that is not valid.")
    if isinstance(error, RequestDataTooBig):
        return too_large()
    for kinds, refusal in _PLAIN:
        if isinstance(error, kinds):
            return refusal
    return _database(error) if isinstance(error, Error) else _unexpected(error)


def _database(error: Error) -> Refused:
    state = sqlstate(error)
    if state in TRANSIENT or state == STATEMENT_CANCELLED or state.startswith(OUT_OF_RESOURCES):
        return Unavailable("busy", "The shop is too busy just now.", data={RETRY_AFTER: SOON})
    if database_is_gone(error):
        return Unavailable("unavailable", "The shop cannot be reached just now.", data={RETRY_AFTER: SOON})
    if isinstance(error, IntegrityError) and state == UNIQUE_VIOLATION:
        _log("unique_violation", error)
        return Refused("conflict", "This clashes with something that exists already.")
    if isinstance(error, DataError):
        _log("unstorable_input", error)
        return Invalid("invalid", "A value in the request cannot be stored.")
    _log("database_refused", error)
    return _internal()


def _unexpected(error: BaseException) -> Refused:
    log.error("request_failed", exc_info=error)
    return _internal()


def _internal() -> Refused:
    return Refused("internal_error", "Something went wrong on our side.", status=500)


def _log(event: str, error: BaseException, **more: object) -> None:
    """Where and what, without the error's own words: the database and pydantic quote the values, and those are personal."""
    diagnosis = getattr(error.__cause__, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None)
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error(event, kind=type(error).__name__, sqlstate=sqlstate(error), constraint=constraint, frames=frames, **more)


def _framework(error: exceptions.APIException) -> HttpResponse:
    code, message = next(
        (said for kind, said in _CODES.items() if isinstance(error, kind)), ("refused", "The request was refused.")
    )
    wait = getattr(error, "wait", None)
    return render(error.status_code, code, message, data={RETRY_AFTER: int(wait) + 1} if wait else None)


def _answer(refusal: Refused) -> HttpResponse:
    return render(refusal.status, refusal.code, refusal.message, errors=refusal.errors, data=refusal.data)


def render(
    status: int,
    code: str,
    message: str,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    data: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """One failure in the shape that all have, with the headers its status asks for."""
    body: dict[str, Any] = {"code": code, "message": message}
    if errors:
        body["errors"] = {field: list(sentences) for field, sentences in errors.items()}
    if data:
        body["data"] = dict(data)
    response = JsonResponse(body, status=status)
    wait = (data or {}).get(RETRY_AFTER, SOON if status in RETRYABLE else None)
    if wait is not None:
        response["Retry-After"] = str(wait)
    if status == UNAUTHORIZED:
        response["WWW-Authenticate"] = CHALLENGE
    return response
