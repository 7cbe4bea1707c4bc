"""Times are RFC 3339, whatever their offset they become UTC, and they are written with Z."""

import datetime as dt
import uuid

import pytest
from pydantic import ValidationError

from shop.contracts.ordering import OrderCompleted

ORDER = uuid.UUID("0192f0c1-2f7a-7c3e-8f5d-0a1b2c3d4e5f")


def _completed(at: object) -> OrderCompleted:
    return OrderCompleted.read_data({"orderId": str(ORDER), "customerId": str(ORDER), "completedAt": at})


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00+00:00", "2026-01-31T12:00:00Z"),
        ("2026-01-31T13:30:00+01:30", "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00.123456Z", "2026-01-31T12:00:00.123456Z"),
    ],
)
def test_a_time_is_stored_in_utc(sent: str, stored: str) -> None:
    assert _completed(sent).data()["completedAt"] == stored


@pytest.mark.parametrize(
    "sent",
    [
        "2026-01-31T12:00:00",
        "2026-01-31",
        "2026-01-31T12:00Z",
        "2026-02-30T12:00:00Z",
        "2026-01-31T12:00:00Z\n",
        "1769860800",
        1769860800,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "",
    ],
)
def test_what_is_no_moment_in_utc_is_refused(sent: object) -> None:
    with pytest.raises(ValidationError):
        _completed(sent)


def test_a_naive_time_is_refused_in_python_too() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        OrderCompleted(order_id=ORDER, customer_id=ORDER, completed_at=dt.datetime(2026, 1, 31, 12))  # noqa: DTZ001


def test_a_time_from_another_zone_is_turned_into_utc_in_python_too() -> None:
    berlin = dt.timezone(dt.timedelta(hours=1))

    made = OrderCompleted(order_id=ORDER, customer_id=ORDER, completed_at=dt.datetime(2026, 1, 31, 13, tzinfo=berlin))

    assert made.data()["completedAt"] == "2026-01-31T12:00:00Z"
