"""The control API, the same on every port: faults, ledgers, counts, webhooks, and what the outside world does next."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from config.sandbox.carrier import CarrierService
from config.sandbox.faults import BadFault, FaultBoard, parsed
from config.sandbox.fraud import FraudService, parsed_verdict
from config.sandbox.plain import body_of, error, refusal, text
from config.sandbox.service import Refusal, Service
from config.sandbox.stripe_api.api import StripeService
from config.sandbox.wire import Answer, Json, Request, Response

PREFIX = "/_control/"

Handler = Callable[[Request, str], Response]


class ControlApi:
    """Answers everything under `/_control/` for all services of a sandbox."""

    def __init__(self, board: FaultBoard, stripe: StripeService, fraud: FraudService, carrier: CarrierService) -> None:
        self._board = board
        self._stripe = stripe
        self._fraud = fraud
        self._carrier = carrier
        self._services: Mapping[str, Service] = {service.name: service for service in (stripe, fraud, carrier)}
        self._routes: tuple[tuple[str, re.Pattern[str], Handler], ...] = (
            ("GET", re.compile("health"), lambda request, _: _ok({"status": "ok"})),
            ("GET", re.compile("faults"), lambda request, _: _ok({"faults": board.shown()})),
            ("DELETE", re.compile("faults"), lambda request, _: _ok({"cleared": board.clear()})),
            ("DELETE", re.compile("faults/(.+)"), self._clear_fault),
            ("GET", re.compile("ledger"), self._ledger),
            ("GET", re.compile("requests"), self._requests),
            ("POST", re.compile("reset"), self._reset),
            ("POST", re.compile("idempotency/forget"), self._forget_keys),
            ("GET", re.compile("webhooks"), self._webhooks),
            ("PUT", re.compile("webhooks"), self._aim),
            ("POST", re.compile("webhooks/resend"), self._resend),
            ("GET", re.compile("fraud/rules"), lambda request, _: _ok({"rules": fraud.ledger()["rules"]})),
            ("POST", re.compile("fraud/rules"), self._add_verdict),
            ("DELETE", re.compile("fraud/rules"), self._clear_verdicts),
            ("POST", re.compile("shipments/(.+)"), self._advance),
            ("POST", re.compile("refunds/(.+)"), self._move_refund),
        )

    def serving(self, service: Service) -> Answer:
        """What the service's port answers: the control API under its prefix, else the service."""

        def answer(request: Request) -> Response:
            if request.path.startswith(PREFIX):
                return self._answer(request, service.name)
            return service.answer(request)

        return answer

    def _answer(self, request: Request, service: str) -> Response:
        path = request.path.removeprefix(PREFIX).rstrip("/")
        try:
            if (request.method, path) == ("POST", "faults"):
                return self._add_fault(request, service)
            for method, pattern, handler in self._routes:
                matched = pattern.fullmatch(path)
                if matched and method == request.method:
                    return handler(request, matched[1] if matched.groups() else "")
        except Refusal as refused:
            return refused.response
        except BadFault as problem:
            return error(400, "BAD_REQUEST", str(problem))
        return error(404, "NOT_FOUND", f"The control API has no {request.method} {request.path[:200]}.")

    def _add_fault(self, request: Request, service: str) -> Response:
        operations = {name: one.operations for name, one in self._services.items()}
        fault = parsed(body_of(request), service, operations)
        self._board.add(fault)
        return Response(201, fault.shown())

    def _clear_fault(self, request: Request, id: str) -> Response:
        cleared = self._board.clear(id)
        return _ok({"cleared": cleared}) if cleared else error(404, "NOT_FOUND", "There is no such fault.")

    def _ledger(self, request: Request, _: str) -> Response:
        return _ok({service.name: service.ledger() for service in self._asked(dict(request.query))})

    def _requests(self, request: Request, _: str) -> Response:
        counts: dict[str, dict[str, dict[str, int]]] = {name: {} for name in self._services}
        for name, service in self._services.items():
            for (operation, outcome), number in sorted(service.requests.copy().items()):
                counts[name].setdefault(operation, {"total": 0})[outcome] = number
                counts[name][operation]["total"] += number
        return _ok(counts)

    def _reset(self, request: Request, _: str) -> Response:
        self._board.clear()
        for service in self._services.values():
            service.reset()
        return _ok({"status": "reset"})

    def _forget_keys(self, request: Request, _: str) -> Response:
        for service in self._services.values():
            service.keys.forget()
        return _ok({"status": "forgotten"})

    def _webhooks(self, request: Request, _: str) -> Response:
        return _ok({service.name: service.webhooks.shown() for service in self._asked(dict(request.query))})

    def _aim(self, request: Request, _: str) -> Response:
        given = body_of(request)
        url = text(given, "url")
        if url and not url.startswith(("http://", "https://")):
            raise refusal(400, "url must begin with http:// or https://")
        for service in self._services.values():
            service.webhooks.aim(url.rstrip("/") if url else None)
        return _ok({"url": url})

    def _resend(self, request: Request, _: str) -> Response:
        given = body_of(request)
        ids = given.get("ids")
        everything = given.get("all") is True
        if not everything and not (isinstance(ids, list) and all(isinstance(id, str) for id in ids)):
            raise refusal(400, 'Give {"ids": [...]} or {"all": true}.')
        sent = [service.webhooks.resend(None if everything else ids) for service in self._asked(given)]
        return _ok({"resent": [id for some in sent for id in some]})

    def _add_verdict(self, request: Request, _: str) -> Response:
        verdict = parsed_verdict(body_of(request))
        self._fraud.add_rule(verdict)
        return Response(201, verdict.record())

    def _clear_verdicts(self, request: Request, _: str) -> Response:
        self._fraud.clear_rules()
        return _ok({"status": "cleared"})

    def _advance(self, request: Request, id: str) -> Response:
        given = body_of(request)
        status = text(given, "status", required=True) or ""
        signed_by, reason, parcel = text(given, "signedBy"), text(given, "reason"), text(given, "parcel")
        return self._carrier.advance(id, status, signed_by=signed_by, reason=reason, parcel=parcel).response

    def _move_refund(self, request: Request, id: str) -> Response:
        status = text(body_of(request), "status", required=True) or ""
        return self._stripe.move_refund(id, status).response

    def _asked(self, given: Mapping[str, Any]) -> list[Service]:
        name = given.get("service")
        if name is None:
            return list(self._services.values())
        if not isinstance(name, str) or name not in self._services:
            raise refusal(400, f"service must be one of {', '.join(self._services)}")
        return [self._services[name]]


def _ok(body: Json | dict[str, dict[str, dict[str, int]]]) -> Response:
    return Response(200, body)
