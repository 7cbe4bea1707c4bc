"""``/metrics``: what Prometheus scrapes. Numbers come from the database, so every worker process answers the same."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from shop.http.addresses import comes_from_here
from shop.http.errors import render


class ShopCollector(Collector):
    """Everything the functions named in ``settings.METRICS`` have to say."""

    def collect(self) -> Iterable[Metric]:
        for path in settings.METRICS:
            yield from import_string(path)()


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers, for whoever shows ``METRICS_TOKEN``; without one set, only for this machine itself."""
    if not _allowed(request):
        return render(403, "forbidden", "This needs the metrics token.")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ShopCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _allowed(request: HttpRequest) -> bool:
    if not settings.METRICS_TOKEN:
        return comes_from_here(request)
    scheme, _, token = str(request.headers.get("Authorization", "")).partition(" ")
    return scheme.lower() == "bearer" and compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
