"""A stand-in for the fraud service: one verdict per payment, by rules set through the control API."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any, ClassVar

from config.sandbox.faults import BadFault, matches, normalised, parsed_match
from config.sandbox.plain import authenticate, body_of, error, found, refusal, text, whole
from config.sandbox.service import Call, Outcome, Service
from config.sandbox.store import Changes
from config.sandbox.wire import Json, Request, Response

CHECK = "check"
RULE = "verdict_rule"
VERDICTS = ("pass", "review", "refuse")
REASONS = ("HIGH_RISK_SCORE", "BLOCKLISTED", "VELOCITY", "MISMATCH")
SCORES = {"pass": 0.05, "review": 0.65, "refuse": 0.95}
ONE_CHECK = re.compile(r"/v1/checks/([^/]+)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule decides for the checks that match it. `score` is from 0 to 1."""

    match: Mapping[str, str]
    verdict: str
    score: float
    reason: str | None

    def record(self) -> Json:
        """The rule as kept and shown."""
        return {"match": dict(self.match), "verdict": self.verdict, "score": self.score, "reason": self.reason}


def parsed_verdict(body: Json) -> Verdict:
    """Build a rule from the control API's JSON. Raises `BadFault`."""
    verdict = body.get("verdict")
    if verdict not in VERDICTS:
        raise BadFault(f"verdict must be one of {', '.join(VERDICTS)}")
    reason = body.get("reason", None if verdict == "pass" else "HIGH_RISK_SCORE")
    if reason not in (None, *REASONS):
        raise BadFault(f"reason must be one of {', '.join(REASONS)}")
    score = body.get("score", SCORES[verdict])
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise BadFault("score must be a number from 0 to 1")
    return Verdict(parsed_match(body.get("match", {})), verdict, float(score), reason)


class FraudService(Service):
    """The fraud stand-in. Without a rule every payment passes."""

    name: ClassVar[str] = "fraud"
    operations: ClassVar[frozenset[str]] = frozenset({"check", "get"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._rules_lock = Lock()
        self._rules = [Verdict(**rule) for rule in self.books.all(RULE)]

    def route(self, request: Request) -> Call:
        """Authenticate, decode and find the operation. Raises 401, 404, 400."""
        authenticate(request)
        if request.method == "POST" and request.path == "/v1/checks":
            given = _checked(body_of(request))
            return Call("check", lambda: self._check(given), normalised(given), given)
        one = ONE_CHECK.fullmatch(request.path)
        if request.method == "GET" and one:
            return Call("get", lambda: self._get(one[1]), normalised({"paymentId": one[1]}))
        raise refusal(404)

    def error(self, status: int, code: str | None) -> Response:
        """The error body for a fault or an idempotency key."""
        return error(status, code)

    def ledger(self) -> Json:
        """All checks, the rules, and how many of each verdict."""
        checks = self.books.all(CHECK)
        verdicts = [check["answer"]["verdict"] for check in checks]
        return {
            "checks": checks,
            "rules": [rule.record() for rule in self._rules],
            "totals": {verdict: verdicts.count(verdict) for verdict in VERDICTS},
        }

    def add_rule(self, rule: Verdict) -> None:
        """Decide so from the next check on; the newest rule that matches wins."""
        changes = Changes()
        changes.put(RULE, uuid.uuid4().hex, rule.record())
        with self._rules_lock:
            self.books.commit(changes)
            self._rules = [*self._rules, rule]

    def clear_rules(self) -> None:
        """Let every payment pass again. Answers already given stay."""
        with self._rules_lock:
            self.books.clear(RULE)
            self._rules = []

    def reset(self) -> None:
        """Forget checks and rules."""
        super().reset()
        self.clear_rules()

    def _check(self, given: Json) -> Outcome:
        earlier = self.books.get(CHECK, given["paymentId"])
        if earlier:
            return found(earlier["answer"])
        facts = normalised(given)
        verdict = next((rule for rule in reversed(self._rules) if matches(rule.match, facts)), None)
        answer = _answer(verdict or Verdict({}, "pass", SCORES["pass"], None))
        outcome = found(answer)
        outcome.changes.put(CHECK, given["paymentId"], {"asked": given, "answer": answer})
        return outcome

    def _get(self, payment_id: str) -> Outcome:
        check = self.books.get(CHECK, payment_id)
        if check is None:
            raise refusal(404, "There is no check for this payment.")
        return found(check["answer"])


def _checked(given: Json) -> Json:
    for name in ("paymentId", "orderId", "currency"):
        text(given, name, required=True)
    for name in ("customerId", "email", "ipAddress"):
        text(given, name)
    whole(given, "amount")
    return given


def _answer(verdict: Verdict) -> Json:
    answer = {
        "checkId": f"chk_{uuid.uuid4().hex[:24]}",
        "verdict": verdict.verdict,
        "score": verdict.score,
        "checkedAt": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return answer | {"reason": verdict.reason} if verdict.reason else answer
