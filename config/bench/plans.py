"""Which indexes the recurring questions go by: claims, the look for mail, and what the sweeper looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from shop.messaging.delivery.claim import claim, routes_with_mail
from shop.messaging.routing import switchboard
from shop.messaging.saga.deadlines import act_on_deadlines
from shop.messaging.sets import fetch_rows
from shop.messaging.sweeper import GRACE_SECONDS, give_back_leases, overdue_queues

BIG_TABLE = 10_000  # rows; a smaller one may well be read from end to end
BATCH = 50
EXPLAINED = ("SELECT", "UPDATE", "WITH")
ROWS = "SELECT oid::regclass::text, reltuples::bigint FROM pg_class WHERE relkind = 'r' AND reltuples >= %s"
READ_THROUGH = "SELECT relname, seq_tup_read FROM pg_stat_user_tables"

Asked = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement's access paths: ``how`` for reading, ``read_through`` the big tables it reads from end to end."""

    statement: str
    how: tuple[str, ...]
    read_through: tuple[str, ...]


def plans() -> list[Plan]:
    """The plans of the recurring questions, one per distinct statement and access path."""
    return explained(_ask_everything)


def explained(work: Callable[[], object]) -> list[Plan]:
    """The plans of what ``work`` asks. Nothing that is asked here has an effect: it is all rolled back."""
    big = big_tables()
    with transaction.atomic():
        asked = _listen(work)
        found = [plan for sql, parameters in asked if (plan := _explain(sql, parameters, big)) is not None]
        transaction.set_rollback(True)
    return list(dict.fromkeys(found))


def big_tables() -> set[str]:
    """Tables that nobody should read from end to end, by the planner's own count of their rows."""
    return {table for table, _ in fetch_rows(ROWS, [BIG_TABLE])}


def read_through() -> dict[str, int]:
    """Rows that sequential scans have read so far, by table."""
    fetch_rows("SELECT pg_stat_force_next_flush()")
    return {table: int(rows) for table, rows in fetch_rows(READ_THROUGH)}


def _ask_everything() -> None:
    for queue in sorted({route.queue for route in switchboard().all_routes()}):
        routes_with_mail(queue)
    for route in switchboard().all_routes():
        claim(route, BATCH)
    give_back_leases()
    for saga in switchboard().sagas:
        act_on_deadlines(saga)
    overdue_queues(GRACE_SECONDS)


def _listen(work: Callable[[], object]) -> list[Asked]:
    asked: list[Asked] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        asked.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        work()
    return asked


def _explain(sql: str, parameters: Sequence[Any], big: set[str]) -> Plan | None:
    statement = " ".join(sql.split())
    if not statement.upper().startswith(EXPLAINED):
        return None
    (plan,) = fetch_rows(f"EXPLAIN (FORMAT JSON) {sql}", parameters or ())[0]
    nodes = list(_nodes(plan[0]["Plan"]))
    how = [node.get("Index Name") or f"{node['Node Type']} on {node['Relation Name']}" for node in nodes if _reads(node)]
    through = [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan" and node["Relation Name"] in big]
    return Plan(statement[:60], tuple(dict.fromkeys(how)), tuple(through)) if how else None


def _reads(node: dict[str, Any]) -> bool:
    return "Index Name" in node or node["Node Type"] == "Seq Scan"


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
