"""What operators do about checkouts and deliveries that are stuck: alone, by cause, and two at once."""

from __future__ import annotations

import pytest
from django.test import Client

from ordering.checkout.models import CheckoutSession
from ordering.orders.models import Order
from shop.messaging.models import Delivery, OperatorAction
from tests.console.buttons import counts, screen_of, send
from tests.console.shop import Shop, work

pytestmark = pytest.mark.django_db


def test_retry_completes_a_parked_checkout(admin: Client, shop: Shop) -> None:
    answer = send(admin, CheckoutSession, "retry", [shop.session("stuck-1")])
    assert answer.status_code == 302
    work()
    session = shop.session("stuck-1")
    assert session.state == "COMPLETED"
    assert Order.objects.filter(pk=session.order_id).exists()
    action = OperatorAction.objects.latest("id")
    assert (action.actor, action.verb, action.target_id, action.reason) == (
        "staff:root", "saga.retry", str(session.pk), "because",
    )  # fmt: skip


def test_a_stale_page_is_refused_and_says_who_was_quicker(admin: Client, shop: Shop) -> None:
    parked = shop.session("stuck-1")
    screen = screen_of(CheckoutSession)
    verb = screen.verb_named("abandon")
    assert verb is not None
    page = admin.get(screen.verb_url(verb, ids=str(parked.pk)))
    seen = page.context["targets"][0].field
    send(admin, CheckoutSession, "retry", [parked], reason="my colleague was here")
    answer = admin.post(screen.verb_url(verb), {"seen": seen, "reason": "a long thought-out reason"})
    assert answer.status_code == 409
    body = answer.content.decode()
    assert "since you looked" in body
    assert "my colleague was here" in body
    assert "a long thought-out reason" in body, "what was typed is kept"
    assert shop.session("stuck-1").state == "CREATING_ORDER"


def test_in_bulk_by_cause_each_row_has_its_result(admin: Client, shop: Shop) -> None:
    screen = screen_of(CheckoutSession)
    verb = screen.verb_named("retry")
    assert verb is not None
    page = admin.get(screen.verb_url(verb, cause="c0ffee5ea5edbeef"))
    targets = page.context["targets"]
    assert (page.context["total"], page.context["willing"], len(targets)) == (3, 3, 3)
    send(admin, CheckoutSession, "retry", [shop.session("stuck-2")], reason="only this one first")
    answer = admin.post(screen.verb_url(verb), {"seen": [target.field for target in targets], "reason": "service is back"})
    assert answer.status_code == 200
    assert (answer.context["succeeded"], answer.context["refused_count"]) == (2, 1)
    refused = next(done for _, done in answer.context["rows"] if not done.ok)
    assert refused.key == str(shop.sessions["stuck-2"])
    work()
    assert {shop.session(name).state for name in ("stuck-1", "stuck-2", "stuck-3")} == {"COMPLETED"}


def test_the_action_bar_leads_to_the_same_page(admin: Client, shop: Shop) -> None:
    before = counts()
    ids = [str(shop.sessions["stuck-1"]), str(shop.sessions["stuck-2"])]
    answer = admin.post(screen_of(CheckoutSession).list_url(), {"action": "compensate", "_selected_action": ids, "index": "0"})
    assert answer.status_code == 302
    assert "/verbs/compensate/?ids=" in answer.headers["Location"]
    assert len(admin.get(answer.headers["Location"]).context["targets"]) == 2
    assert counts() == before


def test_what_the_state_does_not_allow_is_previewed_and_refused(admin: Client, shop: Shop) -> None:
    paid = shop.session("paid")
    answer = send(admin, CheckoutSession, "retry", [paid])
    assert answer.status_code == 409
    assert "It is COMPLETED: retry is not possible" in answer.content.decode()
    assert not OperatorAction.objects.filter(target_id=str(paid.pk), verb="saga.retry").exists()


def test_skip_needs_evidence(admin: Client, shop: Shop) -> None:
    assert send(admin, CheckoutSession, "skip", [shop.session("stuck-1")]).status_code == 422
    assert send(admin, CheckoutSession, "skip", [shop.session("stuck-1")], evidence="ticket 4711").status_code == 302
    assert OperatorAction.objects.latest("id").after["evidence"] == "ticket 4711"


def test_dead_deliveries_are_retried_and_discarded_by_cause(admin: Client, shop: Shop) -> None:
    dead = list(Delivery.objects.filter(status="dead"))
    assert len(dead) == 9
    answer = send(admin, Delivery, "discard", dead[:2])
    assert answer.context["succeeded"] == 2
    screen = screen_of(Delivery)
    verb = screen.verb_named("retry")
    assert verb is not None
    page = admin.get(screen.verb_url(verb, cause="c0ffee5ea5edbeef"))
    assert page.context["total"] == 7
    admin.post(screen.verb_url(verb), {"seen": [target.field for target in page.context["targets"]], "reason": "fixed"})
    assert not Delivery.objects.filter(status="dead").exists()
    assert Delivery.objects.filter(status="discarded").count() == 2
    assert OperatorAction.objects.filter(verb="deliveries.retry", reason="fixed", actor="staff:root").count() == 7
