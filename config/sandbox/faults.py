"""The fault switch: rules that make a service fail, and the board they hang on."""

import random
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from config.sandbox.wire import ConnectionDropped, Json


class Effect(StrEnum):
    """What a rule does. See docs/sandbox.md for each one's parameters."""

    STATUS = "status"
    SLOW = "slow"
    HANG = "hang"
    EXECUTE_THEN_TIMEOUT = "execute_then_timeout"
    DROP = "drop"
    DOWN = "down"
    WEBHOOK_DUPLICATE = "webhook_duplicate"
    WEBHOOK_REVERSED = "webhook_reversed"
    WEBHOOK_DELAY = "webhook_delay"
    WEBHOOK_LOST = "webhook_lost"
    WEBHOOK_BEFORE_ANSWER = "webhook_before_answer"

    @property
    def is_webhook(self) -> bool:
        """Whether the rule acts on webhooks rather than on answers."""
        return self.value.startswith("webhook_")


DEFAULT_SECONDS = {
    Effect.SLOW: 2.0,
    Effect.HANG: 3600.0,
    Effect.EXECUTE_THEN_TIMEOUT: 90.0,
    Effect.WEBHOOK_REVERSED: 5.0,
    Effect.WEBHOOK_DELAY: 5.0,
}
RANGES = {"amountmin", "amountmax"}


class BadFault(ValueError):
    """The rule is not one. The message says which field is wrong."""


@dataclass(slots=True)
class Fault:
    """One rule. `left` counts down to zero, None is for ever; `cleared` wakes whoever sleeps because of it."""

    service: str
    effect: Effect
    id: str = field(default_factory=lambda: f"flt_{uuid.uuid4().hex[:12]}")
    operation: str | None = None
    match: Mapping[str, str] = field(default_factory=dict)
    probability: float = 1.0
    left: int | None = None
    status: int = 500
    code: str | None = None
    seconds: float = 0.0
    copies: int = 2
    stored: bool = True
    execute: bool = False
    hits: int = 0
    cleared: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Sleep for the rule's seconds, or until it is cleared."""
        self.cleared.wait(self.seconds)

    def wait_and_drop(self) -> None:
        """Sleep, then raise `ConnectionDropped`."""
        self.wait()
        raise ConnectionDropped

    def shown(self) -> Json:
        """The rule as the control API shows it."""
        names = ("id", "service", "operation", "probability", "status", "code", "seconds", "copies", "stored")
        shown: Json = {name: getattr(self, name) for name in names}
        return shown | {
            "effect": self.effect.value,
            "match": dict(self.match),
            "times": self.left,
            "execute": self.execute,
            "hits": self.hits,
        }


class FaultBoard:
    """All rules of a sandbox. Every change holds from the next request on, in every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._random = random.Random()  # noqa: S311 - decides what fails, hides nothing

    def add(self, fault: Fault) -> None:
        """Hang a rule up, after those already there."""
        with self._lock:
            self._faults.append(fault)

    def shown(self) -> list[Json]:
        """All rules, oldest first, used-up ones included."""
        with self._lock:
            return [fault.shown() for fault in self._faults]

    def clear(self, id: str | None = None) -> int:
        """Take one rule or all down and wake whoever sleeps because of them. Returns how many."""
        with self._lock:
            gone = [fault for fault in self._faults if id in (None, fault.id)]
            self._faults = [fault for fault in self._faults if fault not in gone]
        for fault in gone:
            fault.cleared.set()
        return len(gone)

    def pick(self, service: str, operation: str, facts: Mapping[str, str], *, replay: bool = False) -> Fault | None:
        """Use up one hit of the first rule that applies to this request.

        A replay by Idempotency-Key passes by the errors that its first execution would have stored.
        """
        with self._lock:
            for fault in self._faults:
                if fault.effect.is_webhook or (replay and fault.effect is Effect.STATUS and fault.stored):
                    continue
                if self._hits(fault, service, operation, facts):
                    return fault
        return None

    def pick_webhook(self, service: str, operation: str, facts: Mapping[str, str]) -> list[Fault]:
        """Use up one hit of every webhook rule that applies to this event."""
        with self._lock:
            webhook_faults = [fault for fault in self._faults if fault.effect.is_webhook]
            return [fault for fault in webhook_faults if self._hits(fault, service, operation, facts)]

    def _hits(self, fault: Fault, service: str, operation: str, facts: Mapping[str, str]) -> bool:
        applies = (
            fault.left != 0
            and fault.service == service
            and fault.operation in (None, operation)
            and matches(fault.match, facts)
            and (fault.probability >= 1 or self._random.random() < fault.probability)
        )
        if applies:
            fault.hits += 1
            if fault.left is not None:
                fault.left -= 1
        return applies


def normalised(facts: Mapping[str, Any]) -> dict[str, str]:
    """Flatten `metadata` and spell names one way: `orderId`, `order_id` and `order` are the same fact."""
    inner = [one for value in facts.values() if isinstance(value, Mapping) for one in value.items()]
    named = [*facts.items(), *inner]
    return {_spelled(name): str(value) for name, value in named if isinstance(value, str | int | float)}


def is_whole(text: str) -> bool:
    """Whether the text is a whole number of a sane length."""
    return text.isdecimal() and len(text) <= 15


def matches(wanted: Mapping[str, str], facts: Mapping[str, str]) -> bool:
    """Whether every wanted fact is there; `amountmin` and `amountmax` compare minor units."""
    return all(_matches_one(name, value, facts) for name, value in wanted.items())


def _matches_one(name: str, value: str, facts: Mapping[str, str]) -> bool:
    if name not in RANGES:
        return facts.get(name) == value
    amount = facts.get("amount", "")
    if not is_whole(amount):
        return False
    return int(amount) >= int(value) if name == "amountmin" else int(amount) <= int(value)


def _spelled(name: str) -> str:
    plain = name.lower().replace("_", "").replace("-", "")
    return plain.removesuffix("id") or plain


def parsed_match(match: Any) -> dict[str, str]:
    """Check and normalise a rule's `match`. Raises `BadFault`."""
    if not isinstance(match, Mapping):
        raise BadFault("match must be an object")
    wanted = normalised(match)
    for name in RANGES & wanted.keys():
        if not is_whole(wanted[name]):
            raise BadFault(f"{name} must be a whole number of minor units")
    return wanted


def parsed(body: Json, service: str, services: Mapping[str, frozenset[str]]) -> Fault:
    """Build a rule from the control API's JSON. Raises `BadFault`.

    `service` is used where the body names none; `services` gives the operations of each service.
    """
    known = {"service", "operation", "match", "effect", "probability", "times", "status", "code", "seconds", "copies"}
    unknown = body.keys() - known - {"stored", "execute"}
    if unknown:
        raise BadFault(f"unknown field: {', '.join(sorted(unknown))}")
    service = body.get("service", service)
    if not isinstance(service, str) or service not in services:
        raise BadFault(f"service must be one of {', '.join(services)}")
    operation = body.get("operation")
    if operation is not None and not (isinstance(operation, str) and operation in services[service]):
        raise BadFault(f"operation of {service} must be one of {', '.join(sorted(services[service]))}")
    if body.get("effect") not in list(Effect):
        raise BadFault(f"effect must be one of {', '.join(Effect)}")
    effect = Effect(body["effect"])
    return Fault(
        service=service,
        operation=operation,
        effect=effect,
        match=parsed_match(body.get("match", {})),
        probability=_number(body, "probability", 1.0, 0, 1),
        left=None if body.get("times") is None else int(_number(body, "times", 1, 1, 1_000_000)),
        status=int(_number(body, "status", 500, 400, 599)),
        code=None if body.get("code") is None else str(body["code"]),
        seconds=_number(body, "seconds", DEFAULT_SECONDS.get(effect, 0.0), 0, 1_000_000),
        copies=int(_number(body, "copies", 2, 2, 1000)),
        stored=bool(body.get("stored", True)),
        execute=bool(body.get("execute", False)),
    )


def _number(body: Json, name: str, default: float, least: float, most: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadFault(f"{name} must be a number from {least} to {most}")
    return float(value)
