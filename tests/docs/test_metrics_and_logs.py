"""`docs/operations.md` names every metric there is, and no metric or log line that there is not."""

from __future__ import annotations

import re

import pytest

from shop.http.metrics import ShopCollector
from tests.docs.pages import ROOT, all_prose, source

METRIC = re.compile(r"\bshop_(?:mail|saga|process|reservations)_[a-z_]+\b")
TABLE_ROW = re.compile(r"^\| `(shop_[a-z_]+)` \|", re.MULTILINE)


@pytest.fixture
def exposed(db: None) -> set[str]:
    """The names of everything that `/metrics` is made of."""
    return {metric.name for metric in ShopCollector().collect()}


def test_the_table_of_metrics_is_complete(exposed: set[str]) -> None:
    table = TABLE_ROW.findall((ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))

    assert sorted(table) == sorted(exposed)


def test_no_page_names_a_metric_that_does_not_exist(exposed: set[str]) -> None:
    assert set(METRIC.findall(all_prose())) - exposed == set()


def test_every_log_line_of_the_table_is_written_somewhere() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| (?:info|warning|error)", page, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"[a-z_]+", row)}

    assert len(named) > 10
    assert {name for name in named if f'"{name}"' not in source()} == set()
