"""``/health/live`` and ``/health/ready``: is this process alive, and should it get requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shop.messaging.sets import fetch_rows

OK, DEGRADED, FAILED = "ok", "degraded", "failed"
BELL_SECONDS: Final = 0.2
SWEEPER_SECONDS: Final = 60

SWEEPER: Final = """
    SELECT EXISTS (SELECT 1 FROM messaging_heartbeat
                   WHERE role = 'sweeper' AND beat_at > now() - make_interval(secs => %s))
"""


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all."""
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """200 when requests can be served, 503 when not. Without bell or sweeper mail is late but nothing is lost: degraded."""
    checks = {name: check() for name, check in CHECKS.items()}
    found = set(checks.values())
    status = FAILED if FAILED in found else DEGRADED if DEGRADED in found else OK
    response = JsonResponse({"status": status, "checks": checks}, status=503 if status == FAILED else 200)
    if status == FAILED:
        response["Retry-After"] = "1"
    return response


def _database() -> str:
    try:
        fetch_rows("SELECT 1")
    except Error:
        return FAILED
    return OK


class _Migrations:
    """Whether the database is as new as the code. Once it is, it stays so for the life of this process."""

    applied = False

    def __call__(self) -> str:
        try:
            self.applied = self.applied or self._applied()
        except Error:
            return FAILED
        return OK if self.applied else FAILED

    def _applied(self) -> bool:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _bell() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=BELL_SECONDS, socket_connect_timeout=BELL_SECONDS, retry=None
        ) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return DEGRADED
    return OK


def _sweeper() -> str:
    try:
        ((alive,),) = fetch_rows(SWEEPER, [SWEEPER_SECONDS])
    except Error:
        return DEGRADED
    return OK if alive else DEGRADED


CHECKS: Final[Mapping[str, Callable[[], str]]] = {
    "database": _database,
    "migrations": _Migrations(),
    "bell": _bell,
    "sweeper": _sweeper,
}
