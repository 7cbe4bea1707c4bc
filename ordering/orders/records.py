"""An order as one text: everything that is known about it here, the same text for the same order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from ordering.orders.models import Order

FORMAT: Final = 1


def record_of(order: Order) -> str:
    """The order with its lines, history, holds and changes as JSON, keys in order. Times are UTC, money in minor units."""
    content = {
        "format": FORMAT,
        "order": _columns(order),
        "lines": _rows(order.lines.order_by("position")),
        "history": _rows(order.history.order_by("sequence")),
        "holds": _rows(order.holds.order_by("placed_at", "pk")),
        "adjustments": _rows(order.adjustments.order_by("requested_at", "pk")),
    }
    return json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, indent=1)


def _rows(rows: Iterable[Model]) -> list[dict[str, Any]]:
    return [_columns(row) for row in rows]


def _columns(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
