"""Ten stories an operator lives, in a real browser: in by the dashboard or the search, done with the dialogs, and afterwards what
the database holds and what the customer is told. All happen in one shop, each to people of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from catalog.feeds.models import ProductImport
from catalog.products.models import Product
from config.roles import bring_up_to_date
from config.sandbox import Sandbox
from fulfilment.inventory.models import Reservation, StockItem, StockMovement
from fulfilment.shipping.models import Shipment
from fulfilment.warehouse.models import PickingJob
from ordering.orders.models import Order
from payments.models import Payment, Refund
from reviews.models import ModerationDecision
from shop.messaging.models import Delivery, OperatorAction
from tests.browser.conftest import OUTSIDE, watched
from tests.browser.town import MANY, RUDE, Buyer, Desk, anybody, build, empty, reviews_of, the_order
from tests.console.shop import Shop, check_out, providers, work

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "staff:ada"


@pytest.fixture
def _django_db_helper(town: Shop) -> None:
    """In place of pytest-django's own, which would empty the shop after every story."""


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker, console_sandbox: Sandbox) -> Iterator[Shop]:
    """Built once and emptied at the end; the stories do not meet."""
    with django_db_blocker.unblock(), providers(console_sandbox):
        try:
            yield build()
        finally:
            empty()


@pytest.fixture(scope="module")
def server(town: Shop) -> Iterator[LiveServer]:
    """Also pytest-django's own server would have the shop emptied after every story."""
    running = LiveServer("localhost")
    with running._live_server_modified_settings:
        yield running
    running.stop()


@pytest.fixture(scope="module")
def pass_of_ada(town: Shop) -> str:
    """The session of an operations lead: somebody who may do all of this, and is no superuser."""
    bring_up_to_date(apps)
    user = User.objects.create_user("ada", is_staff=True)
    user.groups.add(Group.objects.get(name="operations lead"))
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@pytest.fixture
def desk(page: Page, server: LiveServer, pass_of_ada: str) -> Desk:
    page.context.add_cookies([{"name": "sessionid", "value": pass_of_ada, "url": server.url}])
    watched(page, server.url)
    return Desk(page, server.url)


def why(target: object, verb: str) -> str:
    """The reason Ada gave for doing this to that; she did it once."""
    return OperatorAction.objects.get(actor=ADA, target_id=str(target), verb=verb).reason


def test_find_why_an_order_is_stuck_and_retry_it(desk: Desk, town: Shop) -> None:
    buyer, session = Buyer.of(town, "stuck"), town.session("stuck")
    assert "longer than usual" in buyer.checkout()["message"]
    desk.find(session.order_id, "Checkout session")
    desk.reads("could not connect to the address service")
    desk.reads("You can retry, skip, compensate or abandon")
    desk.do("Retry", "the address service is back")
    desk.reads("asked again for CreateOrder")
    work()
    desk.page.reload()
    expect(desk.page.locator(".oc-title")).to_contain_text("Completed")
    desk.reads("“the address service is back”")
    assert (town.session("stuck").state, why(session.pk, "saga.retry")) == ("COMPLETED", "the address service is back")
    assert Payment.objects.filter(order_id=session.order_id).count() == 1
    assert (buyer.checkout()["status"], buyer.order()["total"]) == ("COMPLETED", 1_890)


def test_compensate_twenty_at_once(desk: Desk, town: Shop) -> None:
    before = StockItem.objects.get(pk=town.products["BOOK-SEA"]).reserved
    desk.open_queue("Parked checkouts")
    desk.reads("the goods are gone: sold at the fair")
    dialog = desk.ask("Compensate all 20")
    expect(dialog.get_by_text("20 of 20 would be done")).to_be_visible()
    dialog.get_by_label("Reason").fill("sold at the fair, cannot be had again")
    dialog.get_by_role("button", name="Compensate (20)").click()
    expect(desk.page.get_by_role("status")).to_contain_text("20 done")
    work()
    sessions = [town.session(name) for name in MANY]
    assert {(one.state, one.reason) for one in sessions} == {("ABORTED", "CANCELLED_BY_OPERATOR")}
    assert not Order.objects.filter(pk__in=[one.order_id for one in sessions]).exists()
    assert set(Payment.objects.filter(pk__in=[one.payment_id for one in sessions]).values_list("status", "captured_amount")) == {
        ("VOIDED", 0),
    }  # fmt: skip
    assert StockItem.objects.get(pk=town.products["BOOK-SEA"]).reserved == before - 20
    assert OperatorAction.objects.filter(actor=ADA, verb="saga.compensate").count() == 20
    told = Buyer.of(town, MANY[7]).checkout()
    assert (told["status"], told.get("orderId")) == ("FAILED", None)
    assert "You have not been charged" in told["message"]


def test_paid_without_an_order(desk: Desk, town: Shop) -> None:
    buyer, session = Buyer.of(town, "paid-no-order"), town.session("paid-no-order")
    desk.open_queue("Paid, no order")
    desk.page.get_by_role("link", name=f"…{str(session.pk)[-12:]}").click()
    desk.page.get_by_role("link", name=str(session.payment_id)).first.click()
    expect(desk.page.locator(".oc-title")).to_contain_text("18.90 EUR")
    desk.page.get_by_role("link", name=f"…{str(session.pk)[-12:]}").first.click()
    desk.do("Retry", "money is there, order is owed")
    work()
    order = Order.objects.get(pk=session.order_id)
    assert (order.payment_id, why(session.pk, "saga.retry")) == (session.payment_id, "money is there, order is owed")
    assert Payment.objects.get(pk=session.payment_id).captured_amount == order.total == 1_890
    assert buyer.order()["confirmationNumber"] == order.confirmation_number


def test_dead_deliveries_of_one_cause(desk: Desk, town: Shop) -> None:
    assert anybody("/search/products", query="renamed")["total"] == 0
    desk.open_queue("Dead deliveries")
    cause = desk.page.get_by_role("article").filter(has_text="no space left on device")
    cause.get_by_role("link", name="Show").click()
    expect(desk.page.get_by_role("link", name="ProductUpdated")).to_have_count(3)
    dialog = desk.ask("Retry all 3")
    dialog.get_by_label("Reason").fill("the disk is larger now")
    dialog.get_by_role("button", name="Retry (3)").click()
    expect(desk.page.get_by_role("status")).to_contain_text("3 done")
    work()
    assert not Delivery.objects.filter(fingerprint="d15cfu11d15cfu11").exists()
    assert OperatorAction.objects.filter(actor=ADA, verb="deliveries.retry", reason="the disk is larger now").count() == 3
    assert anybody("/search/products", query="renamed")["total"] == 3


def test_hold_and_release(desk: Desk, town: Shop) -> None:
    order, buyer = the_order(town, "to-hold"), Buyer.of(town, "to-hold")
    desk.find(order.confirmation_number, "Order")
    desk.do("Hold", "the street does not exist", What_has_to_be_looked_at="ADDRESS_VERIFICATION", Team="support")
    desk.reads("Nothing happens to it until somebody has looked")
    work()
    assert (the_order(town, "to-hold").lifecycle_status, buyer.order()["lifecycleStatus"]) == ("ON_HOLD", "ON_HOLD")
    desk.open_queue("Orders on hold")
    desk.page.get_by_role("link", name=order.confirmation_number).click()
    desk.do("Release hold", "", What_was_found_out="the customer called: house number 12")
    desk.reads("the hold is released")
    work()
    hold = order.holds.get()
    assert (hold.released_by, hold.resolution) == (ADA, "the customer called: house number 12")
    assert the_order(town, "to-hold").lifecycle_status == order.lifecycle_status == buyer.order()["lifecycleStatus"]


def test_cancel_one_order_and_refund_another_in_part(desk: Desk, town: Shop) -> None:
    refunded, cancelled = the_order(town, "to-refund"), the_order(town, "to-cancel")
    desk.find(refunded.confirmation_number, "Order")
    desk.do("Refund", "the lid was scratched", Amount="12.50", What_for="GOODWILL")
    desk.reads("12.50 EUR on the way back")
    desk.find(cancelled.confirmation_number, "Order")
    desk.do("Cancel", "ordered twice")
    desk.reads("stock and money follow")
    work()
    part, whole = (Payment.objects.get(pk=one.payment_id) for one in (refunded, cancelled))
    assert (part.captured_amount, part.refunded_amount) == (refunded.total, 1_250)
    assert whole.captured_amount == whole.refunded_amount == cancelled.total
    assert set(Refund.objects.filter(payment__in=[part, whole]).values_list("status", flat=True)) == {"PROCESSED"}
    assert Reservation.objects.get(pk=cancelled.reservation_id).status == "RELEASED"
    assert Buyer.of(town, "to-refund").order()["lifecycleStatus"] == refunded.lifecycle_status
    assert Buyer.of(town, "to-cancel").order()["status"] == "CANCELLED"


def test_receive_and_adjust_stock(desk: Desk, town: Shop) -> None:
    rug = town.products["RUG-WOOL"]
    check_out(town, "too-early", ("RUG-WOOL", 4))
    work()
    assert "no longer available" in Buyer.of(town, "too-early").checkout()["message"]
    desk.open_queue("Low stock")
    desk.page.get_by_role("link", name="hand-woven wool").click()
    desk.do("Receive", "second delivery", Quantity="7", Delivery_note="DN-77")
    desk.reads("now 10 on hand")
    desk.do("Adjust", "moths", Difference="-1")
    desk.reads("now 9 on hand")
    expect(desk.page.get_by_role("cell", name="moths").first).to_be_visible()
    check_out(town, "in-time", ("RUG-WOOL", 4))
    work()
    item = StockItem.objects.get(pk=rug)
    assert (item.on_hand, item.available) == (9, 5)
    last = StockMovement.objects.filter(product_id=rug, actor=ADA).order_by("sequence").values_list("delta_on_hand", flat=True)
    assert list(last) == [7, -1]
    assert Buyer.of(town, "in-time").checkout()["status"] == "COMPLETED"


def test_pick_pack_ship(desk: Desk, town: Shop) -> None:
    order, buyer = the_order(town, "to-pack"), Buyer.of(town, "to-pack")
    desk.walk_to("Picking")
    desk.page.get_by_role("link", name=order.confirmation_number).click()
    desk.do("Start", "mine")
    desk.do("Pick a line", "all there", Line="1", Picked="3")
    desk.reads("1 pieces to go")
    desk.do("Pick all", "the rest")
    desk.do("Pack", "one fragile", Parcels="2")
    desk.reads("packed in 2; the carrier is booked now")
    work()
    job, shipment = PickingJob.objects.get(order_id=order.pk), Shipment.objects.get(order_id=order.pk)
    assert (job.status, job.picker, shipment.status) == ("PACKED", ADA, "CREATED")
    assert Reservation.objects.get(pk=order.reservation_id).status == "CONSUMED"
    seen = buyer.sees(f"/orders/{order.pk}/shipment")
    assert (seen["status"], len(seen["parcels"]), buyer.order()["lifecycleStatus"]) == ("CREATED", 2, "FULFILLING")
    desk.page.reload()
    desk.page.get_by_role("link", name=order.confirmation_number).first.click()
    desk.reads("ShipmentCreated")


def test_moderate_thirty_reviews_by_keyboard(desk: Desk, town: Shop) -> None:
    rug, page = town.products["RUG-WOOL"], desk.page
    address = f"/products/{rug}/reviews"
    assert anybody(address)["total"] == 0
    desk.open_queue("Reviews to look at")
    heading = page.locator("#rv-heading")
    for number in range(1, 31):
        expect(heading).to_contain_text(f"Number {number} ")
        if number % 10:
            page.keyboard.press("a")
            continue
        page.keyboard.press("r")
        expect(page.get_by_label("Ground")).to_be_focused()
        page.keyboard.press("Control+Enter")
    expect(heading).to_contain_text("Nothing waits for you")
    work()
    assert reviews_of(rug) == {"PUBLISHED": 27, "REJECTED": 3}
    assert ModerationDecision.objects.filter(decided_by=ADA, by_person=True).count() == 30
    told = anybody(address, pageSize="50")
    assert told["total"] == 27
    assert RUDE.format(10) not in {one["body"] for one in told["results"]}


FEED = """sku,name,price,currency,category,status
POT-IRON,"Teapot, cast iron",79.00,EUR,,
PEN-REED,"Reed pen",4.20,EUR,Desk,ACTIVE
"""


def test_import_products(desk: Desk, town: Shop, tmp_path: Path) -> None:
    pot, feed = town.products["POT-IRON"], tmp_path / "winter.csv"
    feed.write_text(FEED)
    desk.walk_to("Imports")
    dialog = desk.ask("Import a feed")
    dialog.get_by_label("CSV file").set_input_files(feed)
    dialog.get_by_label("Reason").fill("winter prices")
    dialog.get_by_role("button", name="Import a feed").click()
    desk.reads("winter.csv is being read")
    work()
    desk.page.get_by_role("link", name="winter.csv").click()
    desk.reads("Nothing has changed yet")
    desk.page.get_by_role("link", name="New (1)").click()
    expect(desk.page.get_by_role("cell", name="PEN-REED")).to_be_visible()
    assert anybody(f"/products/{pot}")["price"] == 8_900
    desk.do("Apply", "winter prices")
    desk.reads("2 differences are being applied")
    work()
    assert ProductImport.objects.get(file_name="winter.csv").applied == 2
    pen = Product.objects.get(sku="PEN-REED")
    assert anybody(f"/products/{pot}")["price"] == 7_900
    assert [UUID(one["productId"]) for one in anybody("/search/products", query="reed pen")["results"]] == [pen.pk]
    assert OUTSIDE == []
