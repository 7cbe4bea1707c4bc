"""The invariants in the back office: run in the background, found again, linked; by the timetable too, and one run at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from config.switchboard import TIMETABLE
from fulfilment.inventory.models import StockItem
from shop.console.checking.figures import samples
from shop.console.checking.models import InvariantRun
from shop.console.checking.running import MOST
from shop.contracts.console import CheckInvariants, CheckNextInvariant
from shop.messaging.bus import execute, send, unit_of_work
from shop.messaging.context import acting
from shop.messaging.invariants import Violation
from shop.messaging.routing import switchboard
from shop.messaging.sets import fetch_rows, run
from tests.mail import deliver_all

pytestmark = pytest.mark.django_db(transaction=True)

STEP = "shop.console.checking.check_next_invariant"


def address() -> str:
    return reverse("admin:invariants")


def page(admin: Client, **query: str) -> Any:
    return admin.get(address(), query)


def checked(admin: Client) -> InvariantRun:
    """A run that somebody asked for, to its end."""
    assert admin.post(address()).status_code == 302
    deliver_all()
    return InvariantRun.objects.latest("id")


def lie() -> StockItem:
    """Stock that its ledger knows nothing of."""
    return StockItem.objects.create(product_id=uuid7(), on_hand=47)


def with_checks(monkeypatch: pytest.MonkeyPatch, **checks: Any) -> None:
    monkeypatch.setattr(type(switchboard()), "all_invariants", lambda _: checks)


def test_before_the_first_run_the_page_says_what_to_do(admin: Client) -> None:
    said = page(admin).content.decode()
    assert "Not run yet" in said
    assert "Run now" in said
    assert [one for family in samples() for one in family.samples] == []


def test_a_run_goes_on_in_the_background_and_stays(admin: Client) -> None:
    admin.post(address())
    waiting = page(admin).content.decode()
    assert "Waits for a worker" in waiting
    assert "Run now" not in waiting
    deliver_all()
    found = InvariantRun.objects.get()
    assert (found.actor, found.position, found.violations, found.holds) == ("staff:root", found.total, 0, True)
    assert [one["name"] for one in found.results] == [*switchboard().all_invariants()]
    said = page(admin).content.decode()
    assert "Everything holds." in said
    assert "asked for by staff:root" in said


def test_what_is_wrong_is_linked_and_counted(admin: Client) -> None:
    item = lie()
    found = checked(admin)
    seen = page(admin)
    assert found.violations == len(seen.context["rows"]) > 0
    assert f"{found.violations} violation" in seen.content.decode()
    assert seen.context["rows"][0].url == f"{reverse('admin:find')}?q={item.pk}"
    broken = next(one for one in admin.get("/admin/").context["waiting"] if one.title == "Invariants broken")
    assert (broken.count, broken.oldest, broken.url) == (found.violations, found.ended_at, address())
    assert {family.name: family.samples[0].value for family in samples()} == {
        "shop_invariants_broken": found.violations,
        "shop_invariants_unchecked": 0,
        "shop_invariants_age_seconds": pytest.approx(0, abs=60),
    }
    item.delete()
    checked(admin)
    assert "Everything holds." in page(admin).content.decode()
    assert "Invariants broken" not in [one.title for one in admin.get("/admin/").context["waiting"]]
    assert f"{found.violations} violation" in page(admin, run=str(found.pk)).content.decode()


def test_one_run_at_a_time(admin: Client) -> None:
    first = execute(CheckInvariants()).run_id
    assert execute(CheckInvariants()).run_id == first
    admin.post(address())
    assert InvariantRun.objects.count() == 1
    deliver_all()
    assert execute(CheckInvariants()).run_id != first


def test_a_run_that_stands_still_makes_room(admin: Client) -> None:
    first = execute(CheckInvariants()).run_id
    run("UPDATE messaging_delivery SET status = 'dead', error = 'boom' WHERE subscriber = %s", [STEP])
    said = page(admin).content.decode()
    assert "The run does not move." in said
    assert "Run now" in said
    run("UPDATE messaging_delivery SET status = 'open' WHERE subscriber = %s", [STEP])
    assert "does not move" not in page(admin).content.decode()
    run("UPDATE shop_invariantrun SET moved_at = now() - interval '6 minutes'")
    assert "Nothing for 6 minutes: does a worker serve the queue catalog?" in page(admin).content.decode()
    assert execute(CheckInvariants()).run_id != first
    deliver_all()
    assert "Given up after 0 of" in page(admin, run=str(first)).content.decode()
    assert "Everything holds." in page(admin).content.decode()


def test_a_check_that_fails_says_so_and_keeps_nothing_from_the_others(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[Violation]:
        fetch_rows("SELECT 1 / 0")
        yield from ()

    with_checks(monkeypatch, Broken=broken, Fine=list)
    found = checked(admin)
    assert (found.position, found.unchecked, found.violations, found.holds) == (2, 1, 0, False)
    said = page(admin).content.decode()
    assert "1 could not be checked." in said
    assert "division by zero" in said
    waiting = {one.title: one.count for one in admin.get("/admin/").context["waiting"]}
    assert (waiting.get("Invariants not checked"), waiting.get("Invariants broken")) == (1, None)


def test_a_check_that_finds_very_much_keeps_some_and_counts_all(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with_checks(monkeypatch, Much=lambda: [Violation("rule", str(number), "x" * 5_000) for number in range(MOST + 7)])
    found = checked(admin)
    assert found.violations == MOST + 7
    assert len(found.results[0]["found"]) == MOST
    assert page(admin).status_code == 200


def test_an_old_step_does_nothing(admin: Client) -> None:
    found = checked(admin)
    with unit_of_work():
        send(CheckNextInvariant(run_id=found.pk, after=3))
        send(CheckNextInvariant(run_id=uuid7(), after=0))
    deliver_all()
    assert InvariantRun.objects.get().results == found.results


def test_runs_of_long_ago_are_forgotten(admin: Client) -> None:
    checked(admin)
    run("UPDATE shop_invariantrun SET ended_at = now() - interval '91 days'")
    kept = checked(admin)
    assert InvariantRun.objects.get() == kept


def test_the_page_asks_for_news(admin: Client) -> None:
    admin.post(address())
    found = InvariantRun.objects.get()
    news = reverse("admin:invariants_news", args=[found.pk])
    assert admin.get(news).json() == {"percent": 0, "text": "Waits for a worker. You may leave and come back.", "ended": False}
    InvariantRun.objects.update(position=5)
    assert "5 of" in admin.get(news).json()["text"]
    InvariantRun.objects.update(position=0)
    deliver_all()
    assert admin.get(news).json()["ended"] is True
    assert admin.get(reverse("admin:invariants_news", args=[uuid7()])).status_code == 404
    assert admin.post(news).status_code == 405


@pytest.mark.parametrize("asked", ["", "x", "\x00", "01890000-0000-7000-8000-000000000001"])
def test_a_run_that_is_not_there_is_missing(admin: Client, asked: str) -> None:
    assert page(admin, run=asked).status_code == 404


def test_once_a_day_they_run_by_themselves() -> None:
    assert [entry.seconds for entry in TIMETABLE if isinstance(entry.command, CheckInvariants)] == [86_400]
    with acting("system:sweeper"):
        execute(CheckInvariants())
    assert InvariantRun.objects.get().actor == "system:sweeper"


def test_without_the_right_there_is_nothing_to_see(sign_in: Any) -> None:
    client = sign_in("warehouse")
    assert client.get(address()).status_code == 403
    assert client.get(reverse("admin:invariants_news", args=[uuid7()])).status_code == 403
