"""Verbs in the browser: the dialog is one for everybody, with a keyboard and with a screen reader, and does what it says."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fulfilment.inventory.models import StockItem
from shop.messaging.models import OperatorAction
from tests.browser.conftest import OUTSIDE, SCREENS
from tests.browser.looking import picture, switch_to, violations
from tests.console.shop import Shop, work


def open_parked(console: Page, live_server: Any, shop: Shop) -> None:
    console.goto(f"{live_server.url}/admin/ordering/checkoutsession/{shop.sessions['stuck-1']}/change/")


def test_retry_through_the_dialog_completes_the_checkout(console: Page, live_server: Any, shop: Shop) -> None:
    open_parked(console, live_server, shop)
    console.get_by_role("link", name="Retry").click()
    dialog = console.get_by_role("dialog", name="Retry")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Reason")).to_be_focused()
    dialog.get_by_label("Reason").fill("the address service is back")
    dialog.get_by_role("button", name="Retry").click()
    expect(console.get_by_text("asked again for CreateOrder")).to_be_visible()
    work()
    console.reload()
    expect(console.locator(".oc-title")).to_contain_text("Completed")
    expect(console.get_by_text("“the address service is back”")).to_be_visible()
    assert OperatorAction.objects.get(verb="saga.retry", actor="staff:ada").reason == "the address service is back"


def test_without_a_reason_the_dialog_stays_and_says_so(console: Page, live_server: Any, shop: Shop) -> None:
    open_parked(console, live_server, shop)
    console.get_by_role("link", name="Compensate").click()
    dialog = console.get_by_role("dialog", name="Compensate")
    dialog.get_by_role("button", name="Compensate").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Say why")
    assert shop.session("stuck-1").state == "NEEDS_ATTENTION"
    # The browser itself notes an answer of 422; that is the point here.
    OUTSIDE[:] = [said for said in OUTSIDE if "422" not in said]


def test_escape_closes_and_focus_goes_back(console: Page, live_server: Any, shop: Shop) -> None:
    open_parked(console, live_server, shop)
    opener = console.get_by_role("link", name="Abandon")
    opener.focus()
    console.keyboard.press("Enter")
    expect(console.get_by_role("dialog", name="Abandon")).to_be_visible()
    console.keyboard.press("Escape")
    expect(console.get_by_role("dialog", name="Abandon")).to_be_hidden()
    expect(opener).to_be_focused()
    assert shop.session("stuck-1").state == "NEEDS_ATTENTION"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_open_dialog_is_accessible(console: Page, live_server: Any, shop: Shop, theme: str) -> None:
    open_parked(console, live_server, shop)
    switch_to(console, theme)
    console.get_by_role("link", name="Skip with evidence").click()
    expect(console.get_by_role("dialog")).to_be_visible()
    picture(console, SCREENS, f"dialog-{theme}")
    assert violations(console) == []


def test_a_whole_cause_is_retried_with_one_click_and_each_row_reports(console: Page, live_server: Any, shop: Shop) -> None:
    console.goto(f"{live_server.url}/admin/ordering/checkoutsession/")
    console.get_by_role("link", name="Retry all 3").click()
    dialog = console.get_by_role("dialog", name="Retry")
    expect(dialog.get_by_text("3 of 3 would be done")).to_be_visible()
    dialog.get_by_label("Reason").fill("service is back")
    dialog.get_by_role("button", name="Retry (3)").click()
    expect(console.get_by_role("status")).to_contain_text("3 done")
    work()
    assert {shop.session(name).state for name in ("stuck-1", "stuck-2", "stuck-3")} == {"COMPLETED"}


def test_stock_is_recounted_and_the_ledger_says_why(console: Page, live_server: Any, shop: Shop) -> None:
    lamp = shop.products["LAMP-OAK"]
    console.goto(f"{live_server.url}/admin/fulfilment/stockitem/?q=LAMP-OAK")
    console.get_by_role("link", name="Desk lamp, oak").click()
    console.get_by_role("link", name="Recount").click()
    dialog = console.get_by_role("dialog", name="Recount")
    expect(dialog.get_by_label("Counted")).to_have_value("8")
    dialog.get_by_label("Counted").fill("7")
    dialog.get_by_label("Reason").fill("one on display")
    dialog.get_by_role("button", name="Recount").click()
    expect(console.get_by_text("Why is this 7?")).to_be_visible()
    expect(console.get_by_role("cell", name="one on display").first).to_be_visible()
    assert StockItem.objects.get(pk=lamp).on_hand == 7
