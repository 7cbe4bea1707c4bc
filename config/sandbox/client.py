"""A client of the control API for tests, the demo and scripts."""

import time
from types import TracebackType
from typing import Any, Self

import httpx

from config.sandbox.wire import Json


class SandboxControl:
    """Talks to any port of a running sandbox. Methods raise `httpx.HTTPStatusError` when the sandbox refuses."""

    def __init__(self, base_url: str, timeout: float = 10.0) -> None:
        self._http = httpx.Client(base_url=f"{base_url.rstrip('/')}/_control", timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def add_fault(self, effect: str, **rule: Any) -> str:
        """Hang up a fault rule and return its id. `service` defaults to that of the port talked to."""
        return str(self._call("POST", "/faults", {"effect": effect, **rule})["id"])

    def faults(self) -> list[Json]:
        """All fault rules with what is left of them and how often they hit."""
        return list(self._call("GET", "/faults")["faults"])

    def clear_faults(self, id: str | None = None) -> None:
        """Take down one rule or all, and wake the requests that sleep because of them."""
        self._call("DELETE", f"/faults/{id}" if id else "/faults")

    def ledger(self, service: str | None = None) -> Json:
        """What the providers hold to be true: `{"stripe": ..., "fraud": ..., "carrier": ...}`; one of them if named."""
        body = self._call("GET", f"/ledger?service={service}" if service else "/ledger")
        return dict(body[service]) if service else body

    def requests(self) -> Json:
        """Counts by service, operation and outcome (`total`, a status, `replayed`, `dropped`)."""
        return self._call("GET", "/requests")

    def reset(self) -> None:
        """Forget everything: money, checks, shipments, keys, events, faults, counts."""
        self._call("POST", "/reset", {})

    def forget_idempotency_keys(self) -> None:
        """Forget all keys, as Stripe may after 24 hours: the same call then executes again."""
        self._call("POST", "/idempotency/forget", {})

    def webhooks(self, service: str) -> list[Json]:
        """A service's events, oldest first: id, type, about, state (docs/sandbox.md), attempts."""
        return list(self._call("GET", f"/webhooks?service={service}")[service])

    def aim_webhooks(self, url: str | None) -> None:
        """Deliver webhooks to this base URL from now on, None to nobody."""
        self._call("PUT", "/webhooks", {"url": url})

    def resend_webhooks(self, ids: list[str] | None = None, service: str | None = None) -> list[str]:
        """Send events again with fresh signatures, by default all of them. Returns the ids sent."""
        asked: Json = {"all": True} if ids is None else {"ids": ids}
        return list(self._call("POST", "/webhooks/resend", asked | ({"service": service} if service else {}))["resent"])

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until no webhook is pending. Raises `TimeoutError`."""
        deadline = time.monotonic() + timeout
        while self._pending():
            if time.monotonic() > deadline:
                raise TimeoutError("webhooks are still pending")
            time.sleep(0.02)

    def set_verdict(self, verdict: str, *, match: Json | None = None, **rule: Any) -> None:
        """Decide so for the fraud checks that match: `pass`, `review` or `refuse`, with `reason` and `score`."""
        self._call("POST", "/fraud/rules", {"verdict": verdict, "match": match or {}, **rule})

    def clear_verdicts(self) -> None:
        """Let every payment pass the fraud check again."""
        self._call("DELETE", "/fraud/rules")

    def advance_shipment(
        self, id: str, status: str, *, signed_by: str | None = None, reason: str | None = None, parcel: str | None = None
    ) -> Json:
        """Move a shipment, or one parcel by its tracking number, to `in_transit`, `delivered` or `failed`, with a webhook."""
        given = {"status": status, "signedBy": signed_by, "reason": reason, "parcel": parcel}
        return self._call("POST", f"/shipments/{id}", given)

    def move_refund(self, id: str, status: str) -> Json:
        """Let a refund become `succeeded` or `failed`, with a webhook."""
        return self._call("POST", f"/refunds/{id}", {"status": status})

    def _pending(self) -> bool:
        events = self._call("GET", "/webhooks")
        return any(event["state"] == "pending" for service in events.values() for event in service)

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        response = self._http.request(method, path, json=body)
        response.raise_for_status()
        return dict(response.json())
