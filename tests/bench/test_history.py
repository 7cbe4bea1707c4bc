"""A past in every table that a screen lists, which breaks no invariant; and the looks that are measured in it."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import transaction

from config.bench import plans
from config.bench.console import measuring
from config.bench.console.reading import Asked, excesses
from config.bench.console.terms import terms
from config.bench.console.visits import Visit, visits
from config.history import NotEmpty, Scale, write
from config.history.bulk import FOREIGN_KEYS, INDEXES, bare
from config.history.writing import TABLES
from shop.console.base import OpsModelAdmin
from shop.messaging.invariants import run_all
from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = [screen for screen in admin.site._registry.values() if isinstance(screen, OpsModelAdmin)]
# Tabs of things that are over in a moment, or that a sweeper ends before anybody looks.
EMPTY_TABS = {
    ("batch", "open"),
    ("productimport", "running"),
    ("webhookevent", "waiting"),
    ("carrierwebhook", "waiting"),
    ("reservation", "overdue"),
}


def count(table: str, where: str = "true") -> int:
    return int(fetch_rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])


def past(orders: int = 300, messages: int = 2_500) -> None:
    write(Scale(orders, messages), lambda _: None)


def test_every_screen_has_a_past_no_invariant_is_broken_and_every_look_can_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    past()

    assert run_all(switchboard().all_invariants()) == []
    assert {screen.opts.db_table for screen in SCREENS if not count(screen.opts.db_table)} == set()
    empty = {
        (screen.opts.model_name, tab.name)
        for screen in SCREENS
        for tab in screen.tabs
        if not tab.keep(screen.model._default_manager.all()).exists()
    }
    assert empty - EMPTY_TABS == set()
    assert count("messaging_message") == 2_500
    assert count("messaging_delivery", "status = 'dead'") > 0

    planned = list(visits(terms()))
    assert {str(screen.opts.verbose_name_plural).capitalize() for screen in SCREENS} <= {visit.screen for visit in planned}
    whole = {"Orders", "Dashboard"}
    few = [
        visit
        for visit in planned
        if (visit.screen in whole and not visit.what.startswith("tab")) or visit.what.startswith("a page")
    ]
    monkeypatch.setattr(measuring, "visits", lambda _: few)
    pages = measuring.look(requests=1, tell=lambda _: None)
    assert [(one.screen, one.what) for one in pages.took] == [(visit.screen, visit.what) for visit in few]
    assert pages.slowest is None  # not at the size that the target speaks of
    assert all(one.statements for one in pages.took)

    with pytest.raises(NotEmpty):
        past(orders=10)


def test_the_recurring_questions_go_by_an_index_and_what_reads_a_big_table_through_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    past(orders=150, messages=2_000)

    found = plans.plans()

    assert "delivery_open" in {way for plan in found for way in plan.how}
    assert [plan for plan in found if plan.read_through] == []
    assert count("messaging_message") == 2_000  # asking had no effect

    monkeypatch.setattr(plans, "BIG_TABLE", 1_000)
    monkeypatch.setattr("config.bench.console.reading.BIG_TABLE", 1_000)
    through = "SELECT count(*) FROM messaging_delivery WHERE error <> ''"
    monkeypatch.setattr(plans, "_ask_everything", lambda: fetch_rows(through))

    (plan,) = plans.plans()
    (reading, *_) = excesses([Asked(through, None, 1.0), Asked("SELECT id FROM messaging_message LIMIT 3", None, 1.0)])

    assert plan.read_through == ("messaging_delivery",)
    assert (reading.table, reading.whole) == ("messaging_delivery", True)


def test_tables_are_filled_without_their_indexes_and_have_the_same_ones_afterwards() -> None:
    def definitions() -> set[str]:
        rows = [*fetch_rows(INDEXES, [sorted(TABLES)]), *fetch_rows(FOREIGN_KEYS, [sorted(TABLES)])]
        return {made.partition(" WHERE ")[0] for _, made in rows}  # Postgres writes conditions down in more than one way

    def of_partitions() -> int:
        return count("pg_index", "indisvalid AND indexrelid IN (SELECT inhrelid FROM pg_inherits)")

    before, parts = definitions(), of_partitions()
    assert len(before) > 60
    with transaction.atomic(), bare(TABLES):
        assert definitions() == set()
        assert of_partitions() < parts
    assert (definitions(), of_partitions()) == (before, parts)


def test_a_visit_goes_through_its_addresses_and_begins_again() -> None:
    visit = Visit("Orders", "search", ["a", "b"])
    assert [visit.address(number) for number in range(3)] == ["a", "b", "a"]
