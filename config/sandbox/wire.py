"""What goes over the wire: requests, answers, and the threaded HTTP/1.1 server that carries them."""

import contextlib
import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_BODY = 1_000_000

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are lower case, `query` keeps the order and the repeats of the URL."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    def bearer(self) -> str:
        """The token of `Authorization: Bearer ...`, or an empty string."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer; `body` is sent as JSON."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class ConnectionDropped(Exception):
    """The answer to this request is a closed connection. Raised by a fault; the server obeys it."""


class BadJson(ValueError):
    """The body is not a JSON object."""


Answer = Callable[[Request], Response]


def json_object(body: bytes) -> Json:
    """Decode a JSON object; an empty body is an empty object. Raises `BadJson`."""
    if not body:
        return {}
    try:
        decoded = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadJson("The body is not valid JSON.") from error
    if not isinstance(decoded, dict):
        raise BadJson("The body must be a JSON object.")
    return decoded


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and the infinities are Python's, not JSON's


class WireServer(ThreadingHTTPServer):
    """A thread per kept-alive connection, no Nagle delay, and a `close` that ends open connections too."""

    request_queue_size = 1024
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, answer: Answer) -> None:
        super().__init__((host, port), _Handler)
        self.answer = answer
        self._bound: tuple[str, int] = self.socket.getsockname()[:2]
        self._closing = False
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        """Base URL with the port really bound."""
        return f"http://{self._bound[0]}:{self._bound[1]}"

    def start(self) -> None:
        """Serve in a background thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop accepting and cut every open connection, also those a fault keeps hanging."""
        self._closing = True
        if self._thread.is_alive():
            with contextlib.suppress(OSError), socket.create_connection(self._bound, timeout=1):
                self._thread.join()  # the connection wakes the thread up: it waits without polling
        self.server_close()
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            _cut(connection)

    def _accept(self) -> None:
        while not self._closing:
            self.handle_request()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not news, nor is a request cut off by `close`; the base class prints the rest."""
        if not self._closing and not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 64 * 1024  # head and body leave in one segment
    disable_nagle_algorithm = True
    timeout = 300
    server: WireServer

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_GET

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            self._send(Response(413, {"code": "BODY_TOO_LARGE", "message": "The body is too large or has no length."}))
            self.close_connection = True
            return
        url = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(url.path),
            query=tuple(parse_qsl(url.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        try:
            self._send(self.server.answer(request))
        except ConnectionDropped:
            self.close_connection = True

    def _read_body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return None
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or len(length) > 9 or int(length) > MAX_BODY:
            return None
        return self.rfile.read(int(length))

    def _send(self, response: Response) -> None:
        payload = json.dumps(response.body, separators=(",", ":")).encode()
        self.send_response_only(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are counted by the control API, not logged."""


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
