"""A batch in the browser: begun in a list, watched, left, found again, and looked at when it has ended."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from catalog.products.models import Product
from shop.console.batches.models import Batch
from shop.messaging.models import OperatorAction
from tests.browser.conftest import SCREENS
from tests.browser.looking import picture, switch_to, violations
from tests.console.many import drafts, work_off


def look_at(page: Page, name: str) -> None:
    """Light and dark, for everybody."""
    for theme in ("light", "dark"):
        switch_to(page, theme)
        picture(page, SCREENS, f"{name}-{theme}")
        assert violations(page) == []


def test_sixty_rows_are_worked_off_while_one_looks_away(console: Page, live_server: Any) -> None:
    drafts(60)
    console.goto(f"{live_server.url}/admin/catalog/product/?tab=draft&q=Lamp")
    console.get_by_text("Do something to all 60 rows of this list").click()
    picture(console, SCREENS, "list-all-rows")
    console.get_by_role("link", name="Activate all rows of this list").click()
    dialog = console.get_by_role("dialog", name="Activate")
    expect(dialog.get_by_text("60 rows, as they are when you confirm")).to_be_visible()
    assert violations(console) == []
    picture(console, SCREENS, "confirm-batch")
    dialog.get_by_label("Reason").fill("the catalogue is printed")
    dialog.get_by_role("button", name="Activate (60)").click()

    bar = console.get_by_role("progressbar", name="Progress")
    expect(bar).to_have_attribute("value", "0")
    expect(console.get_by_role("status").filter(has_text="Waits for a worker")).to_be_visible()
    picture(console, SCREENS, "batch-begun")
    batch = work_off(Batch.objects.get(), steps=1)
    expect(bar).to_have_attribute("value", str(batch.percent))  # by itself
    look_at(console, "batch-running")
    console.goto(f"{live_server.url}/admin/")
    console.get_by_role("link", name="See how far").click()
    look_at(console, "batches")
    console.get_by_role("link", name="Activate: 60 products").click()
    Product.objects.filter(name="Lamp 59").update(sequence=7)
    work_off(batch)
    expect(bar).to_have_attribute("value", "100")
    expect(console.get_by_text("Ended: 59 done, 1 refused, 0 failed.")).to_be_visible()
    expect(console.get_by_role("link", name="Lamp 59")).to_be_visible()
    look_at(console, "batch-ended")
    assert OperatorAction.objects.filter(verb="product.activate", reason="the catalogue is printed").count() == 59
