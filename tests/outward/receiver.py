"""A partner: a real HTTP server that keeps what it got and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from shop.outward.gateways.signing import signature


@dataclass(frozen=True, slots=True)
class Got:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.body)

    def signed_with(self, secret: str) -> bool:
        """Whether one of its signatures was made with this secret, over exactly what arrived."""
        made = signature(self.headers["webhook-id"], int(self.headers["webhook-timestamp"]), self.body, secret)
        return made in self.headers["webhook-signature"].split(" ")


@dataclass
class Partner:
    """``answers`` are statuses to give, the last one for good. ``headers`` go with every answer."""

    port: int = 0
    answers: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)

    def url(self, path: str = "/hooks") -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}{path}"

    def next_answer(self) -> int:
        """What it answers now."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def partner() -> Iterator[Partner]:
    """A partner who is there."""
    told = Partner()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.got.append(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(told.next_answer())
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"as I was told")

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
