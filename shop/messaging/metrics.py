"""The mailbox and the sagas in numbers. A handful of queries, each bounded by a partial index or by a limit: what is finished
is never counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily

from shop.messaging.routing import switchboard
from shop.messaging.saga.declaration import COMPENSATING, NEEDS_ATTENTION, Saga
from shop.messaging.sets import fetch_rows

LATEST: Final = 1_000  # attempts that durations are taken from

WAITING: Final = """
    SELECT subscriber, count(*), extract(epoch FROM now() - min(due_at)) FROM messaging_delivery
    WHERE status = 'open' GROUP BY subscriber
"""
LEASED: Final = "SELECT count(*) FROM messaging_delivery WHERE status = 'leased'"
DEAD: Final = "SELECT subscriber, count(*) FROM messaging_delivery WHERE status = 'dead' GROUP BY subscriber"
HEARTBEATS: Final = "SELECT role, extract(epoch FROM now() - max(beat_at)) FROM messaging_heartbeat GROUP BY role"
STATES: Final = "SELECT state, count(*) FROM {table} WHERE state = ANY(%s) GROUP BY state"
DURATIONS: Final = """
    SELECT step, outcome, count(*), avg(extract(epoch FROM finished_at - started_at)),
           max(extract(epoch FROM finished_at - started_at))
    FROM (SELECT * FROM {table} ORDER BY id DESC LIMIT %s) AS latest
    WHERE NOT undo AND finished_at IS NOT NULL GROUP BY step, outcome
"""


def samples() -> Iterator[GaugeMetricFamily]:
    """Gauges in Prometheus's terms; ages and durations in seconds by the database's clock."""
    yield from _mail()
    yield from _dead()
    yield _gauge("shop_process_heartbeat_age_seconds", "Since a process of this role was last alive", ("role",), HEARTBEATS)
    for saga in switchboard().sagas:
        yield from _saga(saga)


def _mail() -> Iterator[GaugeMetricFamily]:
    queues = {route.name: route.queue for route in switchboard().all_routes()}
    count: dict[str, int] = defaultdict(int, dict.fromkeys(queues.values(), 0))
    age: dict[str, float] = defaultdict(float, dict.fromkeys(queues.values(), 0.0))
    for subscriber, waiting, seconds in fetch_rows(WAITING):
        queue = queues.get(subscriber, "unknown")
        count[queue] += waiting
        age[queue] = max(age[queue], float(seconds))
    open_mail = GaugeMetricFamily("shop_mail_open", "Deliveries that wait, later ones included", labels=["queue"])
    oldest = GaugeMetricFamily("shop_mail_oldest_due_seconds", "Since the oldest delivery is due", labels=["queue"])
    for queue in sorted(count):
        open_mail.add_metric([queue], count[queue])
        oldest.add_metric([queue], max(0.0, age[queue]))
    yield open_mail
    yield oldest
    ((leased,),) = fetch_rows(LEASED)
    yield GaugeMetricFamily("shop_mail_leased", "Deliveries somebody is working on outside a transaction", value=leased)


def _dead() -> Iterator[GaugeMetricFamily]:
    yield _gauge("shop_mail_dead", "Deliveries that were given up", ("subscriber",), DEAD)


def _saga(saga: type[Saga]) -> Iterator[GaugeMetricFamily]:
    states = [*dict.fromkeys(step.state for step in saga.steps), COMPENSATING, NEEDS_ATTENTION]
    table, name = saga.model._meta.db_table, saga.name
    counts = dict(fetch_rows(STATES.format(table=table), [states]))
    running = GaugeMetricFamily("shop_saga_open", "Sagas that are not finished", labels=["saga", "state"])
    for state in states:
        running.add_metric([name, state], counts.get(state, 0))
    yield running
    tries = GaugeMetricFamily("shop_saga_step_tries", f"Of the latest {LATEST}", labels=["saga", "step", "outcome"])
    mean = GaugeMetricFamily("shop_saga_step_mean_seconds", "Of those", labels=["saga", "step", "outcome"])
    longest = GaugeMetricFamily("shop_saga_step_longest_seconds", "Of those", labels=["saga", "step", "outcome"])
    attempts = saga.attempts._meta.db_table
    for step, outcome, count, average, maximum in fetch_rows(DURATIONS.format(table=attempts), [LATEST]):
        tries.add_metric([name, step, outcome], count)
        mean.add_metric([name, step, outcome], float(average))
        longest.add_metric([name, step, outcome], float(maximum))
    yield from (tries, mean, longest)


def _gauge(name: str, meaning: str, labels: tuple[str, ...], sql: str, parameters: tuple[Any, ...] = ()) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, meaning, labels=list(labels))
    for *values, number in fetch_rows(sql, parameters):
        gauge.add_metric([str(value) for value in values], float(number))
    return gauge
