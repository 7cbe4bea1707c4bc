"""More rows than fit on a page: a batch that can be left and found again, acts on each row once, and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from uuid_utils.compat import uuid7

from catalog.products.models import Product
from catalog.products.verbs import Activate
from shop.console.batches import working
from shop.console.batches.invariants import batch_violations
from shop.console.batches.metrics import samples
from shop.console.batches.models import Batch, BatchRow
from shop.contracts.console import PruneBatches
from shop.contracts.products import DeleteProduct
from shop.messaging.bus import execute
from shop.messaging.models import Delivery, Message, OperatorAction
from shop.messaging.sets import fetch_rows, run
from tests.console.buttons import counts, screen_of, send
from tests.console.many import RUN, batch_of, carried, confirm, drafts, fresh, work_off

pytestmark = pytest.mark.django_db

LISTED = {"tab": "draft", "q": "Lamp"}
LATER = "SELECT count(*) FROM messaging_delivery WHERE subscriber = %s AND due_at = now() + interval '10 seconds'"
QUERY = "tab=draft&q=Lamp"


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step ends after its rows, however slow the machine is."""
    monkeypatch.setattr(working, "SECONDS", float("inf"))


def page_of(client: Client, batch: Batch, **asked: str) -> str:
    """The page of one batch."""
    return client.get(reverse("admin:shop_batch_change", args=[batch.pk]), asked).content.decode()


def progress_of(client: Client, batch: Batch) -> Any:
    """What the page asks for by itself."""
    return client.get(reverse("admin:shop_batch_progress", args=[batch.pk])).json()


def press(client: Client, named: str, batch: Batch, reason: str = "because") -> Any:
    """A verb of the batch itself."""
    return send(client, Batch, named, [fresh(batch)], reason=reason)


def active() -> int:
    return Product.objects.filter(status="ACTIVE").count()


def outcomes(batch: Batch) -> tuple[str, int, int, int, int]:
    return str(batch.status), batch.done, batch.refused, batch.failed, batch.waiting


def test_a_list_with_a_search_becomes_a_batch_that_is_left_and_found_again(admin: Client) -> None:
    drafts(60)
    others = drafts(3, "Chair")
    listed = admin.get(reverse("admin:catalog_product_changelist"), LISTED).content.decode()
    assert "Do something to all 60 rows of this list" in listed
    before = counts()
    screen = screen_of(Product)
    verb = screen.verb_named("activate")
    assert verb is not None
    looked = admin.get(screen.verb_url(verb, matching=QUERY))
    assert (looked.context["total"], looked.context["batch"]["refusals"]) == (60, 0)
    assert "<strong>60</strong> rows" in looked.content.decode()
    assert (counts(), Batch.objects.count()) == (before, 0)

    batch = batch_of(admin, query=QUERY, reason="the catalogue is printed")
    assert (batch.total, batch.query, outcomes(batch)) == (60, "tab=draft&q=Lamp", ("WAITING", 0, 0, 0, 60))
    assert active() == 0
    assert "1 batch is under way." in admin.get("/admin/").content.decode()
    assert "Activate: 60 products" in admin.get(reverse("admin:shop_batch_changelist")).content.decode()
    assert progress_of(admin, batch) == {
        "percent": 0,
        "text": "Waits for a worker. 0 of 60 rows: 0 done, 0 refused, 0 failed.",
        "ended": False,
    }

    batch = work_off(batch, steps=1)
    assert (outcomes(batch), active()) == (("RUNNING", 25, 0, 0, 35), 25)
    assert progress_of(admin, batch)["percent"] == 41
    assert 'data-watch="' in page_of(admin, batch)
    assert list(batch_violations()) == []

    batch = work_off(batch)
    assert (outcomes(batch), active()) == (("DONE", 60, 0, 0, 0), 60)
    assert progress_of(admin, batch)["ended"] is True
    assert not Product.objects.filter(pk__in=[one.pk for one in others], status="ACTIVE").exists()
    deeds = OperatorAction.objects.filter(verb="product.activate")
    assert set(deeds.values_list("actor", "reason")) == {("staff:root", "the catalogue is printed")}
    assert len(set(deeds.values_list("target_id", flat=True))) == deeds.count() == 60
    assert Message.objects.filter(name="ProductUpdated", actor="staff:root").count() == 60
    assert OperatorAction.objects.get(verb="batch.begin").after == {"verb": "product.activate", "rows": 60}
    assert list(batch_violations()) == []
    assert "Lamp 59" in page_of(admin, batch, after="50")
    assert "0 of 60" not in page_of(admin, batch, outcome="REFUSED")


def test_rows_that_changed_are_refused_with_who_changed_them_and_tried_again_as_they_are(
    admin: Client, sign_in: Callable[..., Client]
) -> None:
    products = drafts(55)
    batch = batch_of(admin)
    other = sign_in("merchandiser")
    assert send(other, Product, "archive", [products[3]], reason="out of season").status_code == 302
    execute(DeleteProduct(product_id=products[7].pk, reason="DISCONTINUED"))
    batch = work_off(batch)
    assert outcomes(batch) == ("DONE", 53, 2, 0, 0)
    told = dict(BatchRow.objects.filter(batch=batch, outcome="REFUSED").values_list("position", "sentence"))
    assert "user-1-merchandiser did product.archive" in told[4]
    assert "out of season" in told[4]
    page = page_of(admin, batch)
    assert "Refused (2)" in page
    assert "Lamp 3" in page  # what needs a look comes first
    assert press(admin, "retry", batch, reason="looked at them").status_code == 302
    assert outcomes(fresh(batch)) == ("WAITING", 53, 0, 0, 2)
    batch = work_off(batch)
    assert outcomes(batch) == ("DONE", 54, 1, 0, 0)
    assert BatchRow.objects.get(batch=batch, outcome="REFUSED").sentence == "It was deleted."
    assert OperatorAction.objects.filter(verb="product.activate").count() == 54
    assert OperatorAction.objects.get(verb="batch.retry").reason == "looked at them"
    assert list(batch_violations()) == []


def dead_mail(count: int) -> None:
    """Mail that was given up for one cause."""
    said = [
        Message(id=uuid7(), kind="event", name="Nothing", version="1.0.0", correlation_id=uuid7(), payload={})
        for _ in range(count)
    ]
    Message.objects.bulk_create(said)
    Delivery.objects.bulk_create(
        [Delivery(message=one, subscriber="nobody", queue="q", status="dead", error="down", fingerprint="f00d") for one in said]
    )


def test_a_cause_with_a_pace_is_stopped_and_goes_on(admin: Client) -> None:
    dead_mail(70)
    assert confirm(admin, Delivery, "retry", look={"cause": "f00d"}, per_minute="60").status_code == 302
    batch = Batch.objects.get()
    assert (batch.selection, batch.query, batch.per_minute, batch.total) == ("CAUSE", "f00d", 60, 70)
    batch = work_off(batch)  # one step; the next one is not due yet
    assert outcomes(batch) == ("RUNNING", 10, 0, 0, 60)
    assert fetch_rows(LATER, [RUN]) == [(1,)]  # within the one transaction of a test, now() stands still
    assert press(admin, "stop", batch, reason="it is down again").status_code == 302
    assert press(admin, "retry", batch).status_code == 409
    run("UPDATE messaging_delivery SET due_at = now() WHERE subscriber = %s AND status = 'open'", [RUN])
    batch = work_off(batch)
    assert outcomes(batch) == ("STOPPED", 10, 0, 0, 60)
    assert "staff:root stopped it: it is down again" in page_of(admin, batch)
    assert Delivery.objects.filter(fingerprint="f00d", status="dead").count() == 60
    assert press(admin, "continue", batch).status_code == 302
    for _ in range(6):
        run("UPDATE messaging_delivery SET due_at = now() WHERE subscriber = %s AND status = 'open'", [RUN])
        batch = work_off(batch)
    assert outcomes(batch) == ("DONE", 70, 0, 0, 0)
    assert OperatorAction.objects.filter(verb="deliveries.retry").count() == 70
    assert set(OperatorAction.objects.filter(target_id=str(batch.pk)).values_list("verb", flat=True)) == {
        "batch.begin", "batch.stop", "batch.continue",
    }  # fmt: skip


@pytest.mark.parametrize("lost", ["role", "staff", "account"])
def test_whoever_lost_the_right_meanwhile_stops_it_and_another_lets_it_go_on(
    admin: Client, sign_in: Callable[..., Client], lost: str
) -> None:
    drafts(55)
    batch = work_off(batch_of(sign_in("merchandiser")), steps=1)
    user = User.objects.get(username="user-1-merchandiser")
    if lost == "role":
        user.groups.set(Group.objects.filter(name="support"))
    elif lost == "staff":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        user.delete()
    batch = work_off(batch)
    assert (outcomes(batch), active()) == (("STOPPED", 25, 0, 0, 30), 25)
    assert "user-1-merchandiser may not do this any more" in page_of(admin, batch)
    assert list(batch_violations()) == []
    assert press(admin, "continue", batch, reason="the rest is fine").status_code == 302
    batch = work_off(batch)
    assert (outcomes(batch), batch.actor) == (("DONE", 55, 0, 0, 0), "staff:root")
    deeds = OperatorAction.objects.filter(verb="product.activate")
    assert {actor: deeds.filter(actor=actor).count() for actor in ("staff:user-1-merchandiser", "staff:root")} == {
        "staff:user-1-merchandiser": 25, "staff:root": 30,
    }  # fmt: skip


def test_only_those_who_may_do_the_same_see_it(sign_in: Callable[..., Client]) -> None:
    drafts(51)
    batch = batch_of(sign_in("merchandiser"))
    address = reverse("admin:shop_batch_change", args=[batch.pk])
    assert sign_in("operations lead").get(address).status_code == 200
    outsider = sign_in("moderator")
    assert outsider.get(address).status_code == 302  # as if it were not there
    assert outsider.get(reverse("admin:shop_batch_progress", args=[batch.pk])).status_code == 404
    assert "51 products" not in outsider.get(reverse("admin:shop_batch_changelist"), {"tab": "all"}).content.decode()
    assert outsider.post(screen_of(Batch).list_url() + "verbs/stop/", {"seen": f"{batch.pk}:", "reason": "x"}).status_code == 404
    assert fresh(batch).status == "WAITING"


def test_what_is_too_many_or_has_grown_is_said_and_nothing_begins(admin: Client, settings: LazySettings) -> None:
    drafts(52)
    screen = screen_of(Product)
    verb = screen.verb_named("activate")
    assert verb is not None
    looked = admin.get(screen.verb_url(verb, matching="tab=draft"))
    before = counts()
    sent = {**carried(looked), "reason": "because"}
    drafts(2)
    grown = admin.post(screen.verb_url(verb), sent)
    assert (grown.status_code, "2 more than you saw" in grown.content.decode()) == (409, True)
    for wrong in ({"reason": ""}, {"per_minute": "0"}, {"per_minute": "many"}):
        assert admin.post(screen.verb_url(verb), {**sent, "shown": "54", **wrong}).status_code == 422
    settings.BATCH_MAX_ROWS = 53
    over = admin.get(screen.verb_url(verb, matching="tab=draft"))
    assert "more than 53 rows" in over.content.decode()
    assert 'type="submit">Activate' not in over.content.decode()
    refused = admin.post(screen.verb_url(verb), {**sent, "shown": "54"})
    assert (refused.status_code, "more than 53 rows" in refused.content.decode()) == (409, True)
    for nonsense in ("nonsense=1", "status__exact=\x00", "p=-1&x=1", "%00", "q=nobody"):
        assert admin.get(screen.verb_url(verb, matching=nonsense)).status_code in {400, 404}, nonsense
    assert (counts(), Batch.objects.count(), active()) == (before, 0, 0)


def test_a_row_that_fails_leaves_nothing_and_disturbs_no_other(admin: Client) -> None:
    products = drafts(55)
    batch = batch_of(admin, query="tab=draft&q=")
    do = Activate.do

    def dies(verb: Any, model: Any, key: Any, seen: str, given: Any) -> str:
        sentence = do(verb, model, key, seen, given)
        if key == str(products[10].pk):
            raise RuntimeError("a bulb broke")
        return sentence

    with patch.object(Activate, "do", dies):
        batch = work_off(batch)
    assert outcomes(batch) == ("DONE", 54, 0, 1, 0)
    assert not OperatorAction.objects.filter(target_id=str(products[10].pk)).exists()
    assert "RuntimeError: a bulb broke" in page_of(admin, batch)
    assert (press(admin, "retry", batch).status_code, outcomes(work_off(batch))) == (302, ("DONE", 55, 0, 0, 0))


def test_chosen_rows_and_more_than_a_reason_are_carried_to_the_deed(admin: Client) -> None:
    products = drafts(60)
    answer = confirm(admin, Product, "delete", look={"ids": ",".join(str(one.pk) for one in products)}, why="DISCONTINUED")
    assert answer.status_code == 302
    batch = Batch.objects.get()
    assert (batch.selection, batch.given) == ("ROWS", {"reason": ["because"], "why": ["DISCONTINUED"]})
    assert outcomes(work_off(batch)) == ("DONE", 60, 0, 0, 0)
    assert Product.objects.filter(deleted_at__isnull=False).count() == 60


def test_a_step_costs_a_few_statements_beside_its_deeds(admin: Client) -> None:
    drafts(66)
    batch = batch_of(admin, per_minute="60")
    spent = []
    for pace in (60, 120):  # ten rows a step, and twenty
        Batch.objects.update(per_minute=pace)
        run("UPDATE messaging_delivery SET due_at = now() WHERE subscriber = %s AND status = 'open'", [RUN])
        with CaptureQueriesContext(connection) as asked:
            work_off(batch, steps=1)
        spent.append(len(asked))
    ten, twenty = spent
    assert fresh(batch).done == 30
    each = (twenty - ten) / 10
    assert each <= 17  # savepoints, and telling the audit trail who acts, included
    assert ten - 10 * each <= 22  # claiming, the person and his rights, the rows, what came of them, the next step


def test_what_ended_long_ago_is_removed(admin: Client) -> None:
    drafts(51)
    old = work_off(batch_of(admin))
    drafts(51)
    kept = batch_of(admin)
    run("UPDATE shop_batch SET ended_at = now() - interval '31 days' WHERE id = %s", [old.pk])
    execute(PruneBatches(limit=30))
    assert BatchRow.objects.filter(batch=old).count() == 21
    execute(PruneBatches())
    assert list(Batch.objects.values_list("pk", flat=True)) == [kept.pk]
    assert OperatorAction.objects.filter(verb="product.activate").count() == 51


def test_one_that_does_not_move_is_seen(admin: Client) -> None:
    drafts(51)
    batch = batch_of(admin)
    assert "Batches that do not move" not in [one.title for one in admin.get("/admin/").context["waiting"]]
    run("UPDATE shop_batch SET moved_at = now() - interval '6 minutes'")
    assert "Batches that do not move" in [one.title for one in admin.get("/admin/").context["waiting"]]
    numbers = {family.name: family.samples[0].value for family in samples()}
    assert numbers == {"shop_batches_open": 1, "shop_batches_still_seconds": pytest.approx(360, abs=60)}
    run("UPDATE messaging_delivery SET status = 'dead', error = 'boom' WHERE subscriber = %s", [RUN])
    assert "It does not move." in page_of(admin, batch)
    run("DELETE FROM messaging_delivery WHERE subscriber = %s", [RUN])
    assert [found.rule for found in batch_violations()] == ["a batch under way has mail that moves it"]


def test_a_search_for_an_address_is_not_kept(admin: Client) -> None:
    drafts(51, "jane@example.com")
    batch = batch_of(admin, query="q=jane%40example.com")
    assert (batch.total, batch.query) == (51, "q=%E2%80%A6")
