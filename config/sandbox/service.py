"""What every stand-in does with a request: find the operation, apply a fault, execute once, tell the shop."""

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from config.sandbox.faults import Effect, Fault, FaultBoard, normalised
from config.sandbox.idempotency import KeyInUse, KeyReused, Keys, fingerprint
from config.sandbox.store import Books, Changes, IndexedBy
from config.sandbox.webhooks import Dispatcher, Endpoint, Event
from config.sandbox.wire import ConnectionDropped, Json, Request, Response

NEVER_STORED = (401, 409, 429)


class Refusal(Exception):
    """An error answer. `stored` says whether its Idempotency-Key keeps it, as it does once execution has begun."""

    def __init__(self, response: Response, *, stored: bool = False) -> None:
        super().__init__(response.status)
        self.response = response
        self.stored = stored


@dataclass(slots=True)
class Outcome:
    """The answer to an operation, with the changes and events to commit before it is sent."""

    response: Response
    changes: Changes = field(default_factory=Changes)
    events: list[Event] = field(default_factory=list)
    stored: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """A request understood. `facts` is what fault rules match on; `declined` is how it fails with a 402 code."""

    operation: str
    run: Callable[[], Outcome]
    facts: Mapping[str, str] = field(default_factory=dict)
    params: Json = field(default_factory=dict)
    declined: Callable[[str], Outcome] | None = None


class Service(ABC):
    """A stand-in for one provider, with its own books, keys and webhooks."""

    name: ClassVar[str]
    operations: ClassVar[frozenset[str]]
    indexed_by: ClassVar[dict[str, IndexedBy]] = {}

    def __init__(self, board: FaultBoard, endpoint: Endpoint, state: Path | None, webhook_url: str | None) -> None:
        self.books = Books(state / f"{self.name}.sqlite3" if state else None, self.indexed_by)
        self.keys = Keys(self.books)
        self.webhooks = Dispatcher(self.books, endpoint, webhook_url)
        self.requests: Counter[tuple[str, str]] = Counter()
        self._board = board
        self._lock = threading.RLock()

    @abstractmethod
    def route(self, request: Request) -> Call:
        """Authenticate, decode and find the operation. Raises `Refusal`."""

    @abstractmethod
    def error(self, status: int, code: str | None) -> Response:
        """An error answer in this provider's shape, for faults and for idempotency keys."""

    @abstractmethod
    def ledger(self) -> Json:
        """Everything this provider holds to be true, with totals."""

    def answer(self, request: Request) -> Response:
        """Answer one request. Raises `ConnectionDropped` when a fault says so."""
        operation = "unknown"
        try:
            call = self.route(request)
            operation = call.operation
            response = self._answer(request, call)
        except Refusal as refusal:
            response = refusal.response
        except ConnectionDropped:
            self._count(operation, "dropped")
            raise
        self._count(operation, "replayed" if "Idempotent-Replayed" in response.headers else str(response.status))
        return response

    def settle(self, operation: str, facts: Mapping[str, str], execute: Callable[[], Outcome]) -> Outcome:
        """Execute outside a request (the control API): commit what it changes and tell the shop."""
        return self._execute(operation, facts, execute, note_key=None)

    def reset(self) -> None:
        """Forget everything: records, keys, events, counts."""
        with self._lock:
            self.webhooks.forget()
            self.books.clear()
            self.requests.clear()

    def _count(self, operation: str, outcome: str) -> None:
        with self._lock:
            self.requests[operation, outcome] += 1

    def _answer(self, request: Request, call: Call) -> Response:
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        fault = self._board.pick(self.name, call.operation, call.facts, replay=self.keys.knows(key))
        if fault and fault.effect in (Effect.DROP, Effect.DOWN):
            raise ConnectionDropped
        if fault and fault.effect is Effect.HANG:
            fault.wait_and_drop()
        response = self._once(request, call, key, fault) if key else self._perform(call, fault, note_key=None)
        if fault and fault.effect is Effect.EXECUTE_THEN_TIMEOUT:
            fault.wait_and_drop()
        return response

    def _once(self, request: Request, call: Call, key: str, fault: Fault | None) -> Response:
        digest = fingerprint(request.method, request.path, call.params)
        try:
            replay = self.keys.claim(key, digest)
        except KeyReused:
            return self.error(400, "idempotency_key_reused")
        except KeyInUse:
            return self.error(409, "idempotency_key_in_use")
        if replay:
            if fault and fault.effect is Effect.SLOW:
                fault.wait()
            return replay
        try:
            return self._perform(call, fault, note_key=lambda changes, response: self.keys.note(changes, key, digest, response))
        finally:
            self.keys.release(key)

    def _perform(self, call: Call, fault: Fault | None, note_key: "NoteKey | None") -> Response:
        if fault and fault.effect is Effect.SLOW:
            fault.wait()
        execute = call.run
        if fault and fault.effect is Effect.STATUS:
            execute = self._failing(call, fault)
        return self._execute(call.operation, call.facts, execute, note_key).response

    def _failing(self, call: Call, fault: Fault) -> Callable[[], Outcome]:
        declined = call.declined
        if fault.status == 402 and declined:
            return lambda: declined(fault.code or "generic_decline")
        stored = fault.stored and fault.status not in NEVER_STORED
        if not fault.execute:
            return lambda: Outcome(self.error(fault.status, fault.code), stored=stored)
        return lambda: replace(call.run(), response=self.error(fault.status, fault.code), stored=stored)

    def _execute(
        self, operation: str, facts: Mapping[str, str], execute: Callable[[], Outcome], note_key: "NoteKey | None"
    ) -> Outcome:
        with self._lock:
            try:
                outcome = execute()
            except Refusal as refusal:
                outcome = Outcome(refusal.response, stored=refusal.stored)
            told = [(event, self._webhook_faults(operation, facts, event)) for event in outcome.events]
            for event, faults in told:
                self.webhooks.note(outcome.changes, event, faults)
            if note_key and outcome.stored:
                note_key(outcome.changes, outcome.response)
            self.books.commit(outcome.changes)
        for event, faults in told:
            self.webhooks.publish(event, faults)
        return outcome

    def _webhook_faults(self, operation: str, facts: Mapping[str, str], event: Event) -> list[Fault]:
        return self._board.pick_webhook(self.name, operation, {**facts, **normalised({"type": event.type})})


NoteKey = Callable[[Changes, Response], None]
