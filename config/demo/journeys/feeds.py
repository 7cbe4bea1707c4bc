"""A merchant's feed: fifty thousand products over HTTP, looked at, applied, and found."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import httpx
from django.db.models.functions import Now

from config.demo.journeys.journey import Journey, Look
from config.demo.results import Facts, Seen
from config.demo.shopping import Unexpected
from config.demo.stage import Stage
from shop.contracts.search import SearchProducts
from shop.http.authentication import SERVICE_PREFIX, digest
from shop.http.models import ServiceToken
from shop.messaging.routing import switchboard

ROWS: Final = 50_000
PATIENCE: Final = 90.0
LOOK_EVERY: Final = 0.3
HEADER: Final = "sku,name,price,currency,description,category,status\n"
WRONG: Final = "FEED-WRONG,Lantern without a price,free,GBP,,Lanterns,ACTIVE\n"
READ, APPLIED, FOUND = "rows read", "applied", "found by search"


def a_feed_over_http(stage: Stage) -> Look:
    """Upload, look at the differences, apply; one line of the feed is wrong, and is told by its number."""
    with _merchant(stage) as http:
        upload = _must(http.post("/uploads", content=b"".join(_feed(stage.run)), headers={"X-File-Name": "autumn.csv"}))
        started = _must(http.post("/product-imports", json={"uploadId": upload["uploadId"]}))
        address = f"/product-imports/{started['importId']}"
        _watched(stage, http, address, "STAGING")
        rejected = _must(http.get(f"{address}/rows", params={"ofKind": "REJECTED"}))["rows"]
        _must(http.post(f"{address}/apply", json={}))
        view = _watched(stage, http, address, "APPLYING")
    facts: dict[str, int | str] = {
        READ: view["rows"],
        APPLIED: view["applied"],
        "rejected": view["rejected"],
        "line": ", ".join(str(row["line"]) for row in rejected),
    }
    return lambda: Seen({**facts, **_found(stage)}, 0)


def _feed(run: str) -> Iterator[bytes]:
    """The same products in every run, told anew, so that each run has something to change."""
    yield HEADER.encode()
    for number in range(ROWS - 2):
        told = f"Glass and brass for two candles. From the list of {run}."
        yield f"FEED-{number:05},Lantern number {number},{12 + number % 80}.50,GBP,{told},Lanterns,ACTIVE\n".encode()
    yield WRONG.encode()
    yield f"FEED-{run},Lighthouse lantern {run},99.00,GBP,,Lanterns,ACTIVE\n".encode()


@contextmanager
def _merchant(stage: Stage) -> Iterator[httpx.Client]:
    """A service with a token that is good for as long as this takes."""
    token = SERVICE_PREFIX + secrets.token_urlsafe(32)
    row = ServiceToken.objects.create(
        name=f"merchant-{stage.run}", sha256=digest(token), scopes=["catalog:write"], expires_at=Now() + timedelta(minutes=10)
    )
    with httpx.Client(base_url=stage.stack.url, timeout=60.0, headers={"Authorization": f"Bearer {token}"}) as http:
        yield http
    ServiceToken.objects.filter(pk=row.pk).update(revoked_at=Now())


def _watched(stage: Stage, http: httpx.Client, address: str, step: str) -> Mapping[str, Any]:
    """The import once it is past this step. Raises ``Unexpected`` when it does not get there."""
    deadline = time.monotonic() + PATIENCE
    while (view := _must(http.get(address)))["status"] == step:
        stage.tell(f"{step.lower()}: {view['progress']} % of {ROWS:,} products")
        if time.monotonic() > deadline:
            raise Unexpected(f"an import is still {step} after {PATIENCE:.0f} s, at {view['progress']} %")
        time.sleep(LOOK_EVERY)
    if view["status"] in {"REFUSED", "CANCELLED"}:
        raise Unexpected(f"the feed is {view['status']}: {view.get('reason', '')}")
    return view


def _found(stage: Stage) -> Facts:
    """Whether a customer who searches finds the last product of the feed."""
    if not _searchable():
        return {}
    stage.tell("waiting until the last product of the feed is found")
    found = _must(httpx.get(f"{stage.stack.url}/search/products", params={"query": f"lighthouse {stage.run}"}, timeout=60.0))
    return {FOUND: sum(each["sku"] == f"FEED-{stage.run}" for each in found["results"])}


def _searchable() -> bool:
    return SearchProducts in switchboard().queries


def _must(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise Unexpected(f"{answer.request.method} {answer.url.path} was answered {answer.status_code}: {answer.text[:300]}")
    body: dict[str, Any] = answer.json()
    return body


def journey() -> Journey:
    """What it should come to; found by search wherever somebody answers searches."""
    found: Facts = {FOUND: 1} if _searchable() else {}
    return Journey(
        name=f"a feed of {ROWS:,} products",
        expected={READ: ROWS, APPLIED: ROWS - 1, "rejected": 1, "line": str(ROWS), **found},
        orders=0,
        play=a_feed_over_http,
        settles_within=PATIENCE,
    )
