"""A feed of new products, as ``manage.py import_products`` brings it: stored, read, compared, applied with a message per product.

One process does it all; what listens to products (search) is left to others, and is not in the figure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from catalog.uploads.gateways.storage import remove
from catalog.uploads.keeping import keep
from catalog.uploads.models import Upload
from config.bench import shop_data
from shop.contracts.feeds import ApplyProductImport, GetProductImport, ImportView, StartProductImport
from shop.messaging.bus import ask, execute
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.doorbell import listening
from shop.messaging.routing import switchboard

# The size that performance targets speak of.
TARGET_ROWS: Final = 1_000_000
STAGE, APPLY = "catalog.feeds.stage_product_import", "catalog.feeds.apply_product_import_chunk"
HEADER: Final = "sku,name,price,currency,description,category,status\n"
LINES_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Imported:
    """Seconds of each step of one feed of new products, and of the same feed once more, which finds nothing to do."""

    rows: int
    store: float
    compare: float
    apply: float
    again: float

    @property
    def seconds(self) -> float:
        """From the first byte to the last product."""
        return self.store + self.compare + self.apply

    @property
    def per_second(self) -> float:
        """Rows per second, from the first byte to the last product."""
        return self.rows / self.seconds

    @property
    def at_target_size(self) -> bool:
        """Whether the feed is as long as the target asks for."""
        return self.rows >= TARGET_ROWS


def measure(*, rows: int, tell: Callable[[str], None]) -> Imported:
    """Empties the shop. Raises ``RuntimeError`` unless every row became a product with its message."""
    shop_data.empty()
    try:
        return _measured(rows, tell)
    finally:
        remove([f"uploads/{key}" for key in Upload.objects.values_list("id", flat=True)])


def _measured(rows: int, tell: Callable[[str], None]) -> Imported:
    store, view = _timed(lambda: _begin(rows))
    compare, view = _timed(lambda: _finish(view, STAGE))
    tell(f"{rows:,} rows read and compared")
    execute(ApplyProductImport(import_id=view.import_id))
    apply, view = _timed(lambda: _finish(view, APPLY))
    if view.applied != rows:
        raise RuntimeError(f"of {rows} rows {view.applied} were applied: {view.reason or view.status}")
    tell(f"{rows:,} rows applied")
    again, second = _timed(lambda: _finish(_begin(rows), STAGE))
    if second.unchanged != rows:
        raise RuntimeError(f"the same feed again changes {second.new + second.changed} rows")
    return Imported(rows, store, compare, apply, again)


def feed(rows: int) -> Iterator[bytes]:
    """A CSV file of so many products, in pieces."""
    yield HEADER.encode()
    for start in range(0, rows, LINES_AT_ONCE):
        yield "".join(_line(number) for number in range(start, min(rows, start + LINES_AT_ONCE))).encode()


def _line(number: int) -> str:
    price = f"{5 + number % 900}.{number % 100:02}"
    told = f"A plate of stoneware, number {number}, glazed by hand and fired twice. Dishwasher safe."
    return f'FEED-{number:07},"Stoneware plate {number}, sage",{price},EUR,"{told}",Range {number % 200},ACTIVE\n'


def _begin(rows: int) -> ImportView:
    pieces = feed(rows)
    upload = keep(lambda _size: next(pieces, b""), "bench.csv")
    view: ImportView = execute(StartProductImport(upload_id=upload.upload_id))
    return view


def _finish(view: ImportView, subscriber: str) -> ImportView:
    route = switchboard().route_named(subscriber)
    assert route is not None
    with listening():
        while deliver_batch(route):
            pass
    done: ImportView = ask(GetProductImport(import_id=view.import_id))
    return done


def _timed(work: Callable[[], ImportView]) -> tuple[float, ImportView]:
    started = time.monotonic()
    view = work()
    return time.monotonic() - started, view
