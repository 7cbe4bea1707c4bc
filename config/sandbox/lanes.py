"""A background thread that does things in the order they fall due, and the connection it posts over."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

POST_TIMEOUT_SECONDS = 10.0

Action = Callable[[], None]


class Post:
    """A kept-alive connection to whatever host is posted to. Not thread-safe: one per thread."""

    def __init__(self) -> None:
        self._connection: HTTPConnection | None = None
        self._host = ("", "")

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        """Post JSON. True when the answer was a 2xx; a failed connection is tried once more on a new one."""
        for _ in range(2):
            try:
                return self._send(url, body, {"Content-Type": "application/json", **headers})
            except (HTTPException, OSError) as error:
                self.close()
                if isinstance(error, TimeoutError):
                    return False
        return False

    def close(self) -> None:
        """Close the connection; the next `send` opens a new one."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _send(self, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        parts = urlsplit(url)
        host = (parts.scheme, parts.netloc)
        if self._connection is None or self._host != host:
            self.close()
            connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
            self._connection = connect(parts.netloc, timeout=POST_TIMEOUT_SECONDS)
            self._host = host
        self._connection.request("POST", parts.path, body, dict(headers))
        response = self._connection.getresponse()
        response.read()
        return 200 <= response.status < 300


class Lane:
    """Does its actions one after another, each when it is due; those due at once in the order they were added."""

    def __init__(self, name: str) -> None:
        self.post = Post()
        self._due: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the action under way; the rest is dropped."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout=1)

    def add(self, delay_seconds: float, action: Action) -> None:
        """Do `action` in so many seconds."""
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + delay_seconds, next(self._order), action))
            self._wake.notify()

    def clear(self) -> None:
        """Drop everything that waits."""
        with self._wake:
            self._due.clear()

    def _run(self) -> None:
        while (action := self._next()) is not None:
            try:
                action()
            except Exception:  # one bad delivery must not end the lane
                logger.exception("webhook delivery failed")
        self.post.close()

    def _next(self) -> Action | None:
        with self._wake:
            while not self._stopping:
                now = time.monotonic()
                if self._due and self._due[0][0] <= now:
                    return heapq.heappop(self._due)[2]
                self._wake.wait(self._due[0][0] - now if self._due else None)
            return None
