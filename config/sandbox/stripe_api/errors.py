"""Stripe's error bodies. Source: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes."""

from typing import Any

from config.sandbox.service import Refusal
from config.sandbox.wire import Response

IDEMPOTENCY_MESSAGES = {
    "idempotency_key_reused": (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        "Try using a key other than the one given if you meant to execute a different request."
    ),
    "idempotency_key_in_use": (
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        "twice, and the other request is still going through). Please try again later."
    ),
}
BY_STATUS = {
    400: ("invalid_request_error", None, "The request is invalid."),
    401: ("invalid_request_error", None, "You did not provide an API key."),
    404: ("invalid_request_error", "resource_missing", "No such object."),
    409: ("invalid_request_error", "lock_timeout", "This object cannot be accessed right now. Please retry."),
    429: ("invalid_request_error", "rate_limit", "Request rate limit exceeded."),
}


def error(status: int, type: str, message: str, *, code: str | None = None, **more: Any) -> Response:
    """An answer `{"error": {...}}`; None values are left out."""
    fields = {"type": type, "code": code, "message": message, **more}
    return Response(status, {"error": {name: value for name, value in fields.items() if value is not None}})


def invalid(message: str, *, param: str | None = None, code: str | None = None, status: int = 400) -> Refusal:
    """The request is wrong before anything was executed; no Idempotency-Key keeps this answer."""
    return Refusal(error(status, "invalid_request_error", message, code=code, param=param))


def missing(what: str, id: str, param: str = "intent") -> Refusal:
    """404: no such object."""
    return invalid(f"No such {what}: '{id[:80]}'", param=param, code="resource_missing", status=404)


def fault(status: int, code: str | None) -> Response:
    """The answer a fault rule or an idempotency key asks for."""
    if code in IDEMPOTENCY_MESSAGES:
        in_use = code == "idempotency_key_in_use"
        return error(status, "idempotency_error", IDEMPOTENCY_MESSAGES[code], code=code if in_use else None)
    if status == 402:
        return error(402, "card_error", "Your card was declined.", code="card_declined", decline_code=code)
    unexpected = ("api_error", None, "An unknown error occurred.")
    type, usual_code, message = BY_STATUS.get(status, unexpected)
    return error(status, type, message, code=code or usual_code)
