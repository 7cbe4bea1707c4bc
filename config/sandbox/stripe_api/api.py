"""Stripe's routes: authentication, decoding, and which operation a request is."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from config.sandbox.faults import normalised
from config.sandbox.service import Call, Outcome, Refusal, Service
from config.sandbox.store import IndexedBy
from config.sandbox.stripe_api import errors, forms, objects, params
from config.sandbox.stripe_api.entries import ENTRY, totals
from config.sandbox.stripe_api.intents import CHARGE, INTENT, Intents
from config.sandbox.stripe_api.objects import API_VERSION, Origin
from config.sandbox.stripe_api.refunds import REFUND, Refunds
from config.sandbox.stripe_api.search import metadata_keys, search
from config.sandbox.wire import Json, Request, Response

ROUTES = (
    ("POST", r"/v1/payment_intents", "create"),
    ("GET", r"/v1/payment_intents", "list"),
    ("GET", r"/v1/payment_intents/search", "search"),
    ("GET", r"/v1/payment_intents/([^/]+)", "get"),
    ("POST", r"/v1/payment_intents/([^/]+)/confirm", "confirm"),
    ("POST", r"/v1/payment_intents/([^/]+)/capture", "capture"),
    ("POST", r"/v1/payment_intents/([^/]+)/cancel", "cancel"),
    ("GET", r"/v1/charges/([^/]+)", "get_charge"),
    ("POST", r"/v1/refunds", "refund"),
    ("GET", r"/v1/refunds", "list_refunds"),
    ("GET", r"/v1/refunds/([^/]+)", "get_refund"),
)
COMPILED = tuple((method, re.compile(pattern), operation) for method, pattern, operation in ROUTES)

Run = Callable[[], Outcome]


class StripeService(Service):
    """The Stripe stand-in. Takes any test key, never a live one."""

    name: ClassVar[str] = "stripe"
    operations: ClassVar[frozenset[str]] = frozenset(operation for _, _, operation in ROUTES)
    indexed_by: ClassVar[dict[str, IndexedBy]] = {
        INTENT: metadata_keys,
        REFUND: lambda refund: (refund["payment_intent"], refund["charge"]),
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.intents = Intents(self.books)
        self.refunds = Refunds(self.books)

    def answer(self, request: Request) -> Response:
        """As every service, with Stripe's headers."""
        response = super().answer(request)
        headers = {
            "Request-Id": objects.new_id("req"),
            "Stripe-Version": request.headers.get("stripe-version", API_VERSION),
            **response.headers,
        }
        if key := request.headers.get("idempotency-key"):
            headers["Idempotency-Key"] = key.encode("ascii", "replace").decode()[:255]
        return replace(response, headers=headers)

    def route(self, request: Request) -> Call:
        """Authenticate, decode and find the operation. Raises 401, 404, 400."""
        _authenticate(request)
        for method, pattern, operation in COMPILED:
            matched = pattern.fullmatch(request.path)
            if matched and method == request.method:
                return self._call(operation, matched.groups(), request)
        raise errors.invalid(f"Unrecognized request URL ({request.method}: {request.path[:200]}).", status=404)

    def error(self, status: int, code: str | None) -> Response:
        """Stripe's error body for a fault or an idempotency key."""
        return errors.fault(status, code)

    def ledger(self) -> Json:
        """Intents, charges, refunds and the money entries, with totals by currency in minor units."""
        return {
            "intents": self.books.all(INTENT),
            "charges": self.books.all(CHARGE),
            "refunds": self.books.all(REFUND),
            "entries": self.books.all(ENTRY),
            "totals": totals(self.books),
        }

    def move_refund(self, id: str, status: str) -> Outcome:
        """Let a refund succeed or fail, and tell the shop. A refused move leaves everything as it is."""
        return self.settle("refund", {}, lambda: self.refunds.move(id, status, Origin()))

    def _call(self, operation: str, ids: tuple[str, ...], request: Request) -> Call:
        given = _decoded(request)
        origin = Origin(
            api_version=request.headers.get("stripe-version", API_VERSION),
            idempotency_key=request.headers.get("idempotency-key"),
        )
        declined = None
        if operation == "create":
            declined = lambda code: self.intents.create(given, origin, code)  # noqa: E731
        elif operation == "confirm":
            declined = lambda code: self.intents.confirm(ids[0], given, origin, code)  # noqa: E731
        run = self._run(operation, ids, given, origin)
        return Call(
            operation=operation,
            run=lambda: self._expanded(run(), given),
            facts=self._facts(ids, given),
            params=given,
            declined=declined,
        )

    def _run(self, operation: str, ids: tuple[str, ...], given: Json, origin: Origin) -> Run:
        runs: dict[str, Run] = {
            "create": lambda: self.intents.create(given, origin),
            "confirm": lambda: self.intents.confirm(ids[0], given, origin),
            "capture": lambda: self.intents.capture(ids[0], given, origin),
            "cancel": lambda: self.intents.cancel(ids[0], given, origin),
            "refund": lambda: self.refunds.create(given, origin),
            "get": lambda: _found(self.intents.get(ids[0])),
            "get_charge": lambda: _found(self._charge(ids[0])),
            "get_refund": lambda: _found(self.refunds.get(ids[0])),
            "list": lambda: self._list(given),
            "list_refunds": lambda: self._list_refunds(given),
            "search": lambda: self._search(given),
        }
        return runs[operation]

    def _facts(self, ids: tuple[str, ...], given: Json) -> dict[str, str]:
        """What a fault rule may match on: the parameters, and those of the intent they are about."""
        about = ids[0] if ids else given.get("payment_intent")
        intent = self.books.get(INTENT, about) if isinstance(about, str) else None
        known = {name: intent[name] for name in ("id", "amount", "currency", "customer", "metadata")} if intent else {}
        if intent:
            known |= {"payment_intent": intent["id"], "payment_method": intent["payment_method"]}
        return normalised(known) | normalised(given)

    def _charge(self, id: str) -> Json:
        charge = self.books.get(CHARGE, id)
        if charge is None:
            raise errors.missing("charge", id, "id")
        return charge

    def _list(self, given: Json) -> Outcome:
        params.only(given, {"limit", "starting_after", "customer", "created"})
        customer = params.text(given, "customer")
        first, last = _created_between(given)
        intents = [
            intent
            for intent in self.books.all(INTENT)
            if customer in (None, intent["customer"]) and first <= intent["created"] <= last
        ]
        return _page(intents, "/v1/payment_intents", given)

    def _list_refunds(self, given: Json) -> Outcome:
        params.only(given, {"limit", "starting_after", "payment_intent", "charge"})
        about = params.text(given, "payment_intent") or params.text(given, "charge")
        refunds = self.books.find(REFUND, about) if about else self.books.all(REFUND)
        return _page(refunds, "/v1/refunds", given)

    def _search(self, given: Json) -> Outcome:
        params.only(given, {"query", "limit", "page"})
        limit = params.page_size(given)
        found = search(self.books, params.text(given, "query", required=True) or "")[::-1]
        body = {"object": "search_result", "url": "/v1/payment_intents/search", "next_page": None}
        return Outcome(Response(200, body | {"has_more": len(found) > limit, "data": found[:limit]}))

    def _expanded(self, outcome: Outcome, given: Json) -> Outcome:
        body = outcome.response.body
        charge_id = body.get("latest_charge")
        if "latest_charge" in given.get("expand", ()) and charge_id:
            charge = outcome.changes.records.get((CHARGE, charge_id)) or self._charge(charge_id)
            outcome.response = replace(outcome.response, body=body | {"latest_charge": charge})
        return outcome


def _decoded(request: Request) -> Json:
    try:
        return forms.decoded(request.body) if request.method == "POST" else forms.nested(request.query)
    except forms.BadForm as error:
        raise errors.invalid(str(error)) from error


def _authenticate(request: Request) -> None:
    key = request.bearer() or _basic_user(request)
    if not key:
        raise _unauthorized("You did not provide an API key.")
    if "_live_" in key or not key.startswith(("sk_", "rk_")):
        raise _unauthorized("Invalid API Key provided: the sandbox takes test keys only (sk_test_...).")


def _unauthorized(message: str) -> Refusal:
    return errors.invalid(message, status=401)


def _basic_user(request: Request) -> str:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def _found(body: Json) -> Outcome:
    return Outcome(Response(200, body))


def _page(items: list[Json], url: str, given: Json) -> Outcome:
    limit, after = params.page_size(given), params.text(given, "starting_after")
    return _found(objects.page(items, url, limit, after))


def _created_between(given: Json) -> tuple[int, int]:
    """The `created` filter as the first and the last Unix second it lets through."""
    created = given.get("created", {})
    if not isinstance(created, dict):
        created = {"gte": created, "lte": created}
    if created.keys() - {"gt", "gte", "lt", "lte"}:
        raise errors.invalid("Invalid object: created", param="created")
    bounds = {name: params.whole(str(value), f"created[{name}]", most=2**36) for name, value in created.items()}
    first = max(bounds.get("gte", 0), bounds.get("gt", -1) + 1)
    last = min(bounds.get("lte", 2**36), bounds.get("lt", 2**36 + 1) - 1)
    return first, last
