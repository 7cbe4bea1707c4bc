"""What the fraud and the carrier stand-ins share: JSON bodies, bearer keys, `{"code", "message"}` errors."""

import re
from typing import Any

from config.sandbox.service import Outcome, Refusal
from config.sandbox.wire import BadJson, Json, Request, Response, json_object

CODES = {
    400: ("BAD_REQUEST", "The request is invalid."),
    401: ("UNAUTHORIZED", "A bearer key is required."),
    402: ("PAYMENT_REQUIRED", "The account has no credit."),
    404: ("NOT_FOUND", "There is no such object."),
    409: ("CONFLICT", "The object is in use. Try again."),
    422: ("UNPROCESSABLE", "The request cannot be carried out."),
    429: ("RATE_LIMITED", "Too many requests."),
    503: ("UNAVAILABLE", "The service is unavailable."),
}
KEY_CODES = {
    "idempotency_key_reused": (422, "IDEMPOTENCY_KEY_REUSED", "This key was used with another request."),
    "idempotency_key_in_use": (409, "IDEMPOTENCY_KEY_IN_USE", "A request with this key is in progress."),
}
UNWELCOME = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # control characters and lone surrogates


def error(status: int, code: str | None, message: str | None = None) -> Response:
    """An answer `{"code", "message"}`."""
    if code in KEY_CODES:
        key_status, key_code, text = KEY_CODES[code]
        return Response(key_status, {"code": key_code, "message": text})
    usual_code, usual_message = CODES.get(status, ("INTERNAL_ERROR", "Something went wrong."))
    return Response(status, {"code": code or usual_code, "message": message or usual_message})


def refusal(status: int, message: str | None = None, code: str | None = None) -> Refusal:
    """An error to raise before anything was executed."""
    return Refusal(error(status, code, message))


def authenticate(request: Request) -> None:
    """Any bearer key will do. Raises 401."""
    if not request.bearer():
        raise refusal(401)


def body_of(request: Request) -> Json:
    """The JSON object sent. Raises 400."""
    try:
        return json_object(request.body)
    except BadJson as problem:
        raise refusal(400, str(problem)) from problem


def text(given: Json, name: str, *, required: bool = False) -> str | None:
    """A string of up to 200 characters, or None. Raises 400."""
    value = given.get(name)
    if value is None and not required:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise refusal(400, f"{name} must be a string of 1 to 200 characters.")
    if UNWELCOME.search(value):
        raise refusal(400, f"{name} must not contain control characters or lone surrogates.")
    return value


def whole(given: Json, name: str, default: int | None = None, *, least: int = 0, most: int = 10**12) -> int:
    """A whole number; required when it has no default. Raises 400."""
    value: Any = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise refusal(400, f"{name} must be a whole number from {least} to {most}.")
    return value


def found(body: Json, status: int = 200) -> Outcome:
    """An answer that changes nothing."""
    return Outcome(Response(status, body))
