"""Signed webhooks: the signature, the events, and the background delivery with retries and faults."""

import hashlib
import hmac
import json
import time
import uuid
import zlib
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from config.sandbox.faults import Effect, Fault
from config.sandbox.lanes import Lane, Post
from config.sandbox.store import Books, Changes
from config.sandbox.wire import Json

KIND = "event"
LANES = 4
RETRY_SECONDS = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 30, 30, 30, 30)


def sign(body: bytes, secret: str, timestamp: int) -> str:
    """The value of the signature header: `t=<unix seconds>,v1=<HMAC-SHA256 of "t.body" in hex>`."""
    digest = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell the shop: its type, the id of the object it is about, and the body to post."""

    type: str
    about: str
    body: Json
    id: str = field(default_factory=lambda: f"evt_{uuid.uuid4().hex[:24]}")

    def record(self, state: str) -> Json:
        """What the books keep of it."""
        return {"id": self.id, "type": self.type, "about": self.about, "body": self.body, "state": state, "attempts": 0}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service posts its webhooks and how it signs them."""

    path: str
    header: str
    secret: str


class Dispatcher:
    """Delivers one service's events in background threads, those about one object in order.

    Undelivered events are taken up again after a restart; delivery is at least once.
    """

    def __init__(self, books: Books, endpoint: Endpoint, base_url: str | None) -> None:
        self._books = books
        self._endpoint = endpoint
        self._base_url = base_url
        self._lanes = [Lane(f"webhooks{endpoint.path}-{number}") for number in range(LANES)]
        self._held: dict[tuple[str, str], list[tuple[str, int]]] = {}
        self._waiting: Counter[str] = Counter()  # deliveries scheduled or held, by event
        self._held_lock = Lock()

    def start(self) -> None:
        """Start the threads and take up what was left undelivered."""
        for lane in self._lanes:
            lane.start()
        if self._base_url:
            self._take_up()

    def stop(self) -> None:
        """Stop the threads; what is undelivered stays in the books."""
        for lane in self._lanes:
            lane.stop()

    def aim(self, base_url: str | None) -> None:
        """Deliver to another address from now on, None to nobody."""
        self._base_url = base_url
        if base_url:
            self._take_up()

    def forget(self) -> None:
        """Drop everything that waits for delivery."""
        for lane in self._lanes:
            lane.clear()
        with self._held_lock:
            self._held.clear()
            self._waiting.clear()

    def note(self, changes: Changes, event: Event, faults: list[Fault]) -> None:
        """Add the event to the changes about to be committed."""
        lost = any(fault.effect is Effect.WEBHOOK_LOST for fault in faults)
        changes.put(KIND, event.id, event.record("lost" if lost else "pending"))

    def publish(self, event: Event, faults: list[Fault]) -> None:
        """Deliver a committed event as its faults say. Returns at once, except for `webhook_before_answer`."""
        by_effect = {fault.effect: fault for fault in faults}
        if Effect.WEBHOOK_LOST in by_effect or not self._base_url:
            return
        copies = by_effect[Effect.WEBHOOK_DUPLICATE].copies if Effect.WEBHOOK_DUPLICATE in by_effect else 1
        if Effect.WEBHOOK_BEFORE_ANSWER in by_effect:
            with closing(Post()) as post:
                for _ in range(copies):
                    self._deliver(event.id, post, attempt=0)
        elif Effect.WEBHOOK_REVERSED in by_effect:
            self._hold(event, copies, by_effect[Effect.WEBHOOK_REVERSED])
        else:
            delay = by_effect[Effect.WEBHOOK_DELAY].seconds if Effect.WEBHOOK_DELAY in by_effect else 0.0
            self._schedule(event.id, event.about, copies=copies, delay=delay)

    def resend(self, ids: list[str] | None) -> list[str]:
        """Send events again, freshly signed, lost ones too; None is all. Returns the ids that are known."""
        events = self._books.all(KIND) if ids is None else [self._books.get(KIND, id) for id in ids]
        found = [event for event in events if event]
        for event in found:
            self._mark(event["id"], "pending", attempts=event["attempts"])
            self._schedule(event["id"], event["about"])
        return [event["id"] for event in found]

    def shown(self) -> list[Json]:
        """All events with their delivery state, without bodies, oldest first. Pending while a copy is to be sent."""
        events = self._books.all(KIND)
        for event in events:
            del event["body"]
            if self._waiting[event["id"]]:
                event["state"] = "pending"
            elif event["state"] == "pending" and not self._base_url:
                event["state"] = "unsent"
        return events

    def _take_up(self) -> None:
        for event in self._books.all(KIND):
            if event["state"] == "pending" and not self._waiting[event["id"]]:
                self._schedule(event["id"], event["about"])

    def _schedule(self, id: str, about: str, *, copies: int = 1, delay: float = 0.0, attempt: int = 0) -> None:
        lane = self._lane(about)
        self._wait_for(id, copies)
        for _ in range(copies):
            lane.add(delay, partial(self._deliver_waiting, id, lane.post, attempt=attempt))

    def _hold(self, event: Event, copies: int, fault: Fault) -> None:
        """Collect `fault.copies` events about one object, or wait the fault's seconds, then go last to first."""
        key = (fault.id, event.about)
        self._wait_for(event.id, 1)
        with self._held_lock:
            held = self._held.setdefault(key, [])
            held.append((event.id, copies))
            first, full = len(held) == 1, len(held) >= fault.copies
        if full:
            self._release(key)
        elif first:
            self._lane(event.about).add(fault.seconds, partial(self._release, key))

    def _release(self, key: tuple[str, str]) -> None:
        with self._held_lock:
            held = self._held.pop(key, [])
        for id, copies in reversed(held):
            self._schedule(id, key[1], copies=copies)
            self._wait_for(id, -1)

    def _lane(self, about: str) -> Lane:
        return self._lanes[zlib.crc32(about.encode()) % LANES]

    def _wait_for(self, id: str, number: int) -> None:
        with self._held_lock:
            self._waiting[id] += number
            if self._waiting[id] <= 0:
                del self._waiting[id]

    def _deliver_waiting(self, id: str, post: Post, *, attempt: int) -> None:
        try:
            self._deliver(id, post, attempt=attempt)
        finally:
            self._wait_for(id, -1)

    def _deliver(self, id: str, post: Post, *, attempt: int) -> None:
        event = self._books.get(KIND, id)
        base_url = self._base_url
        if event is None or base_url is None:
            return
        body = json.dumps(event["body"], separators=(",", ":")).encode()
        header = {self._endpoint.header: sign(body, self._endpoint.secret, int(time.time()))}
        if post.send(base_url + self._endpoint.path, body, header):
            self._mark(id, "delivered", attempts=event["attempts"] + 1)
        elif attempt < len(RETRY_SECONDS):
            self._mark(id, event["state"], attempts=event["attempts"] + 1)
            self._schedule(id, event["about"], delay=RETRY_SECONDS[attempt], attempt=attempt + 1)
        else:
            self._mark(id, "given_up", attempts=event["attempts"] + 1)

    def _mark(self, id: str, state: str, *, attempts: int) -> None:
        event = self._books.get(KIND, id)
        if event is not None:
            changes = Changes()
            changes.put(KIND, id, event | {"state": state, "attempts": attempts})
            self._books.commit(changes)
