"""How trade goes: orders, revenue and conversion, today and over two weeks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from shop.console.formats import money
from shop.messaging.sets import fetch_rows

DAYS: Final = 14
TODAY: Final = "SELECT (now() AT TIME ZONE 'UTC')::date"
# Range conditions on indexed columns: only the days shown are read.
ORDERS: Final = """
    SELECT (created_at AT TIME ZONE 'UTC')::date, currency, count(*), sum(total) FROM ordering_order
    WHERE created_at >= (date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => %s)) AT TIME ZONE 'UTC'
    GROUP BY 1, 2 ORDER BY 1, 2
"""
CHECKOUTS: Final = """
    SELECT (started_at AT TIME ZONE 'UTC')::date, count(*), count(*) FILTER (WHERE state = 'COMPLETED')
    FROM ordering_checkoutsession
    WHERE started_at >= (date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => %s)) AT TIME ZONE 'UTC'
    GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Trend:
    """Figures of today and the charts of the last two weeks (JSON, as Chart.js takes it)."""

    orders: int
    orders_before: int
    revenue: list[str]
    conversion: str
    conversion_note: str
    orders_chart: str
    revenue_chart: str
    table: list[tuple[str, int, str, str]]


def trend_of() -> Trend:
    """Two queries over the last two weeks."""
    ((today,),) = fetch_rows(TODAY)
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    orders = fetch_rows(ORDERS, [DAYS - 1])
    checkouts = {day: (begun, done) for day, begun, done in fetch_rows(CHECKOUTS, [DAYS - 1])}
    count = {day: sum(row[2] for row in orders if row[0] == day) for day in days}
    begun, done = checkouts.get(today, (0, 0))
    return Trend(
        orders=count[today],
        orders_before=count[days[-2]],
        revenue=[money(int(row[3]), row[1]) for row in orders if row[0] == today] or ["—"],
        conversion=f"{100 * done // begun} %" if begun else "—",
        conversion_note=f"{done:,} of {begun:,} checkouts became orders" if begun else "no checkout today",
        orders_chart=_chart(days, [("Orders", [count[day] for day in days])]),
        revenue_chart=_chart(days, _revenue(orders, days)),
        table=_table(days, orders, count, checkouts),
    )


def _revenue(orders: list[tuple[Any, ...]], days: list[date]) -> list[tuple[str, list[float]]]:
    currencies = sorted({row[1] for row in orders}) or ["EUR"]
    by = {(row[0], row[1]): int(row[3]) / 100 for row in orders}
    return [(f"Revenue in {currency}", [by.get((day, currency), 0) for day in days]) for currency in currencies]


COLOURS: Final = ("#0284c7", "#16a34a", "#d97706", "#db2777")


def _chart(days: list[date], lines: list[tuple[str, Any]]) -> str:
    datasets = [
        {"label": label, "data": values, "borderColor": COLOURS[i % 4], "backgroundColor": COLOURS[i % 4]}
        for i, (label, values) in enumerate(lines)
    ]
    return json.dumps({"labels": [f"{day:%d %b}" for day in days], "datasets": datasets})


def _table(
    days: list[date], orders: list[tuple[Any, ...]], count: dict[date, int], checkouts: dict[date, tuple[int, int]]
) -> list[tuple[str, int, str, str]]:
    rows = []
    for day in reversed(days):
        revenue = ", ".join(money(int(row[3]), row[1]) for row in orders if row[0] == day)
        begun, done = checkouts.get(day, (0, 0))
        rows.append((f"{day:%a %d %b}", count[day], revenue or "—", f"{100 * done // begun} %" if begun else "—"))
    return rows
