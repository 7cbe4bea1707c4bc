"""One measurement, and the median of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Rate:
    """What one flow came to. Times and CPU in milliseconds, all per flow; ``None`` where a measurement has no such figure.

    ``accept_p50`` is the HTTP answer alone. CPU is split by whose process used it: ``cpu_own`` is the side under test (Python
    processes, or pgbench), the others are the servers'. The driver's own CPU is nobody's.
    """

    per_second: float
    p50: float | None = None
    p95: float | None = None
    accept_p50: float | None = None
    cpu_own: float | None = None
    cpu_postgres: float | None = None
    cpu_redis: float | None = None
    commits: float | None = None
    statements: float | None = None


def middle(rates: Sequence[Rate]) -> Rate:
    """The median of every figure by itself, over the rounds that have it. Raises ``StatisticsError`` without any round."""
    per_second = median(rate.per_second for rate in rates)
    others = {field.name: _middle_of(rates, field.name) for field in fields(Rate) if field.name != "per_second"}
    return Rate(per_second, **others)


def percentiles(values: Sequence[float]) -> tuple[float, float]:
    """p50 and p95; both 0 of nothing."""
    if len(values) < 2:
        return (values[0], values[0]) if values else (0.0, 0.0)
    cuts = quantiles(values, n=20, method="inclusive")
    return cuts[9], cuts[18]


def _middle_of(rates: Sequence[Rate], name: str) -> float | None:
    known = [value for rate in rates if (value := getattr(rate, name)) is not None]
    return median(known) if known else None
