"""Idempotency keys as Stripe keeps them: one key, one execution, the same answer ever after."""

import hashlib
import json
import threading
from typing import Any

from config.sandbox.store import Books, Changes
from config.sandbox.wire import Response

KIND = "idempotency_key"


class KeyReused(Exception):
    """The key was used with another method, path or parameters."""


class KeyInUse(Exception):
    """A request with this key is still being executed."""


def fingerprint(method: str, path: str, params: Any) -> str:
    """A digest that is equal for equal requests, whatever the order of their parameters."""
    return hashlib.sha256(json.dumps([method, path, params], sort_keys=True).encode()).hexdigest()


class Keys:
    """The keys of one service, kept in its books."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._running: set[str] = set()
        self._lock = threading.Lock()

    def knows(self, key: str) -> bool:
        """Whether an answer is stored for this key."""
        return bool(key) and self._books.has(KIND, key)

    def claim(self, key: str, digest: str) -> Response | None:
        """Take the key for execution, or return the stored answer. Raises `KeyReused`, `KeyInUse`."""
        with self._lock:
            if key in self._running:
                raise KeyInUse
            stored = self._books.get(KIND, key)
            if stored is None:
                self._running.add(key)
                return None
        if stored["digest"] != digest:
            raise KeyReused
        return Response(stored["status"], stored["body"], {**stored["headers"], "Idempotent-Replayed": "true"})

    def note(self, changes: Changes, key: str, digest: str, response: Response) -> None:
        """Add the answer to the changes about to be committed."""
        record = {"digest": digest, "status": response.status, "body": response.body, "headers": dict(response.headers)}
        changes.put(KIND, key, record)

    def release(self, key: str) -> None:
        """End the execution begun by `claim`."""
        with self._lock:
            self._running.discard(key)

    def forget(self) -> None:
        """Forget all keys, as a provider may after 24 hours."""
        self._books.clear(KIND)
