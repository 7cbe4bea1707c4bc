"""A TCP proxy that can be told to misbehave: hold everything back, reset every connection, or be slow."""

from __future__ import annotations

import socket
import struct
import threading
import time
from types import TracebackType
from typing import Self

CHUNK = 65_536
# SO_LINGER with a time of zero: closing sends a reset instead of a goodbye.
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Forwards a loopback port of its own to ``target``. Used as a context manager, it listens at once.

    ``blackhole()`` is the half-open connection: whoever is connected stays so, whoever comes is accepted, nothing arrives.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.delay = 0.0
        self._flowing = threading.Event()
        self._flowing.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._closed = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed = True
        self._flowing.set()
        self._listener.close()
        self.reset()

    def blackhole(self) -> None:
        """From now on nothing is passed on, in either direction, and nobody is told."""
        self._flowing.clear()

    def restore(self) -> None:
        """Go on. What was held back is lost: those connections are reset, as a router does that forgot them."""
        self.reset()
        self.delay = 0.0
        self._flowing.set()

    def reset(self) -> None:
        """Reset every connection there is."""
        pairs, self._pairs = self._pairs, []
        for line in (line for pair in pairs for line in pair):
            try:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                line.shutdown(socket.SHUT_RD)
                line.close()
            except OSError:
                continue

    def slow(self, seconds: float) -> None:
        """Pass everything on so much later."""
        self.delay = seconds

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                continue
            self._pairs.append((near, far))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(CHUNK):
                time.sleep(self.delay)
                self._flowing.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return
