"""The floor: the same durable rows written by pgbench alone, without Python, contracts, outbox delivery or saga.

One flow takes stock of 2 of 1,000 products guarded, and writes a reservation, a payment, an order with 2 lines and 3 outbox rows.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from config.bench import ledger
from config.bench.accounting import own_children
from config.bench.driver import Meter
from config.bench.rates import Rate, percentiles
from config.embedded.binaries import postgres_dir
from config.embedded.errors import EmbeddedError

SCHEMA = """
    DROP SCHEMA IF EXISTS floor CASCADE;
    CREATE SCHEMA floor;
    CREATE TABLE floor.product (id int PRIMARY KEY, stock int NOT NULL CHECK (stock >= 0));
    INSERT INTO floor.product SELECT n, 1000000000 FROM generate_series(1, 1000) n;
    CREATE TABLE floor.reservation (id bigserial PRIMARY KEY, cart uuid NOT NULL, status text NOT NULL, at timestamptz NOT NULL);
    CREATE TABLE floor.payment (id bigserial PRIMARY KEY, amount bigint NOT NULL, status text NOT NULL, at timestamptz NOT NULL);
    CREATE TABLE floor.orders (id bigserial PRIMARY KEY, cart uuid UNIQUE, total bigint NOT NULL, status text NOT NULL,
                               at timestamptz NOT NULL);
    CREATE TABLE floor.order_line (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES floor.orders,
                                   product int NOT NULL, quantity int NOT NULL, price bigint NOT NULL);
    CREATE TABLE floor.outbox (id bigserial PRIMARY KEY, name text NOT NULL, payload jsonb NOT NULL, at timestamptz NOT NULL);
"""
TAKE = "UPDATE floor.product SET stock = stock - 1 WHERE id = {} AND stock >= 1;"
TWO_PRODUCTS = """
\\set a random(1, 999)
\\set b random(:a + 1, 1000)
"""
FLOW = """
BEGIN;
{take}
INSERT INTO floor.reservation (cart, status, at) VALUES (gen_random_uuid(), 'HELD', now());
INSERT INTO floor.outbox (name, payload, at) VALUES ('InventoryReserved', '{{"items": [1, 2], "cart": "x"}}', now());
{cut}
INSERT INTO floor.payment (amount, status, at) VALUES (4200, 'AUTHORIZED', now());
INSERT INTO floor.outbox (name, payload, at) VALUES ('PaymentAuthorized', '{{"amount": 4200, "currency": "EUR"}}', now());
{cut}
WITH o AS (
    INSERT INTO floor.orders (cart, total, status, at) VALUES (gen_random_uuid(), 4200, 'CONFIRMED', now()) RETURNING id
)
INSERT INTO floor.order_line (order_id, product, quantity, price)
SELECT o.id, line.product, 1, 2100 FROM o, (VALUES {lines}) AS line (product);
INSERT INTO floor.outbox (name, payload, at) VALUES ('OrderCreated', '{{"total": 4200, "currency": "EUR"}}', now());
COMMIT;
"""


def script(*, transactions: int) -> str:
    """The flow as a pgbench script, in one transaction or in three."""
    cut = "COMMIT;\nBEGIN;" if transactions == 3 else ""
    take = "\n".join((TAKE.format(":a"), TAKE.format(":b")))
    return TWO_PRODUCTS + FLOW.format(take=take, cut=cut, lines="(:a::int), (:b::int)")


def hot_script() -> str:
    """The flow in one transaction, its only line always the same product."""
    return FLOW.format(take=TAKE.format(1), cut="", lines="(1)")


def prepare() -> None:
    """Make the floor's own tables anew, apart from the product's."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)


def remove() -> None:
    """Drop them again."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS floor CASCADE")


def measure(text: str, *, clients: int = 8, seconds: int = 6) -> Rate:
    """Run a script with so many clients, in tables of its own. Raises ``RuntimeError`` when pgbench is not to be had or fails."""
    prepare()
    counts_statements = ledger.start_statements()
    commits, meter, own = ledger.commits(), Meter([]), own_children()
    said, latencies = _pgbench(text, clients, seconds)
    used, own = meter.cpu(), own_children() - own
    flows = int(_figure(r"transactions actually processed: (\d+)", said))
    p50, p95 = percentiles(latencies)
    return Rate(
        _figure(r"tps = ([\d.]+)", said),
        p50=p50,
        p95=p95,
        cpu_own=own / flows * 1000,
        cpu_postgres=None if used.postgres is None else used.postgres / flows * 1000,
        commits=(ledger.commits() - commits) / flows,
        statements=ledger.statements() / flows if counts_statements else None,
    )


def _pgbench(text: str, clients: int, seconds: int) -> tuple[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "flow.sql"
        file.write_text(text)
        done = subprocess.run(
            [_binary(), "-n", "-f", str(file), f"-c{clients}", f"-j{min(2, clients)}", f"-T{seconds}", "--log", _address()],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PGPASSWORD": str(connection.settings_dict.get("PASSWORD") or "")},
        )
        if done.returncode:
            raise RuntimeError(f"pgbench failed: {done.stderr.strip()[-500:]}")
        return done.stdout, [milliseconds for log in Path(folder).glob("pgbench_log.*") for milliseconds in _logged(log)]


def _logged(log: Path) -> Iterator[float]:
    for line in log.read_text().splitlines():
        yield int(line.split()[2]) / 1000  # client, number, microseconds, ...


def _figure(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    if found is None:
        raise RuntimeError(f"pgbench did not say what it did: {said[-500:]}")
    return float(found[1])


def _binary() -> str:
    try:
        return str(postgres_dir() / "pginstall" / "bin" / "pgbench")
    except EmbeddedError:
        found = shutil.which("pgbench")
        if found is None:
            raise RuntimeError("pgbench is not installed: the floor cannot be measured") from None
        return found


def _address() -> str:
    settings = connection.settings_dict
    user, host, port = (quote(str(settings[part]), safe="") for part in ("USER", "HOST", "PORT"))
    return f"postgresql://{user}@{host}:{port}/{settings['NAME']}"
