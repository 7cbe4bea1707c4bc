"""The stack: web, workers, sweeper and sandbox on free ports, sharing one environment."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from config.embedded.process import free_port
from config.sandbox.client import SandboxControl
from config.settings.celery import QUEUES
from config.stack.processes import Process, python

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = "sandbox"


class Stack:
    """Start what you need, kill what you like; leaving the ``with`` block stops everything.

    ``env`` is added to every process's environment. Logs are ``logs/<name>.log``.
    """

    def __init__(self, logs: Path, env: Mapping[str, str] | None = None) -> None:
        self.logs = logs
        self.web_port = free_port()
        self._ports = {name: free_port() for name in ("stripe", "fraud", "carrier")}
        self.env = {
            "DEBUG": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
            "STRIPE_API_BASE": self._url("stripe"),
            "FRAUD_API_BASE": self._url("fraud"),
            "CARRIER_API_BASE": self._url("carrier"),
            **(env or {}),
        }
        self.processes: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the shop answers."""
        return f"http://127.0.0.1:{self.web_port}"

    def sandbox_control(self) -> SandboxControl:
        """Faults and ledgers of the sandbox this stack talks to."""
        return SandboxControl(self._url("stripe"))

    def start_sandbox(self, state: Path | None = None) -> Process:
        """Stripe, fraud service and carrier; webhooks come to this stack's web process."""
        ports = [f"--{name}-port={port}" for name, port in self._ports.items()]
        where = [f"--state={state}"] if state else []
        process = self._start(SANDBOX, python("manage.py", "sandbox", f"--webhook-url={self.url}", *ports, *where))
        process.await_ready(lambda: all(_listening(port) for port in self._ports.values()))
        return process

    def start_web(self, workers: int = 2, threads: int = 4) -> Process:
        """The HTTP front door."""
        granian = str(Path(sys.executable).parent / "granian")
        process = self._start(
            "web",
            [
                granian,
                "--interface=wsgi",
                f"--workers={workers}",
                f"--blocking-threads={threads}",
                "--host=127.0.0.1",
                f"--port={self.web_port}",
                "--backlog=2048",
                "--no-ws",
                "--log-level=warning",
                "config.wsgi:application",
            ],
        )
        process.await_ready(lambda: _answers(f"{self.url}/health/live"))
        return process

    def start_worker(
        self,
        name: str = "worker",
        *,
        queues: Sequence[str] = QUEUES,
        concurrency: int = 2,
        app: str = "config.celery",
        env: Mapping[str, str] | None = None,
    ) -> Process:
        """A Celery worker for these queues, with so many processes."""
        return self._start(
            name,
            [
                *python("-m", "celery", f"--app={app}", "worker", f"--queues={','.join(queues)}"),
                f"--concurrency={concurrency}",
                f"--hostname={name}@%h",
                "--loglevel=WARNING",
                "--without-gossip",
                "--without-mingle",
                "--without-heartbeat",
            ],
            env,
        )

    def start_sweeper(self, every: float = 1.0) -> Process:
        """The sweeper."""
        return self._start("sweeper", python("manage.py", "sweep", f"--every={every}"))

    def stop(self) -> None:
        """End everything that was started: all at once, and the sandbox after those who may still be talking to it."""
        for process in self.processes:
            if process.name != SANDBOX:
                process.ask_to_end()
        for process in sorted(self.processes, key=lambda each: each.name == SANDBOX):
            process.stop()
        self.processes.clear()

    def _start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Process:
        process = Process(name, command, {**self.env, "PYTHONPATH": str(ROOT), **(env or {})}, self.logs / f"{name}.log")
        self.processes.append(process)
        return process

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0).is_success
    except httpx.TransportError:
        return False
