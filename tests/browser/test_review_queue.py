"""The review queue in a real browser: with the keyboard alone, with the shortcuts off, accessible in light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from uuid_utils.compat import uuid7

from reviews.models import Review
from shop.contracts.products import CreateProduct
from shop.messaging.bus import execute
from tests.browser.conftest import SCREENS
from tests.browser.looking import picture, switch_to, violations
from tests.reviews.desk import flag, reviewed, state_of, words, work

QUEUE = "/admin/reviews/review/queue/"
TEXTS = (
    ("Handle broke off", "You are all liars and idiots. The handle broke off on day two, and the lid never closed properly.", 1),
    ("<script>alert(1)</script>", "Whoever packed this is an idiot and a liar: the box was open. The pot itself is fine.", 2),
    ("Good, but", "Good pan. If you want the lid as well, text me, I have a spare one: lena.k@mail.example", 4),
)


@pytest.fixture
def waiting(transactional_db: None) -> list[Review]:
    """Three reviews that wait for a person and one that was reported, of authors with a history."""
    words()
    made = execute(CreateProduct(sku="POT-1", name="Stoneware teapot", price=4_250, currency="EUR", status="ACTIVE"))
    other = execute(CreateProduct(sku="JUG-1", name="Milk jug", price=1_950, currency="EUR", status="ACTIVE"))
    author = uuid7()
    reviewed(other.product_id, "Pours well, easy to clean.", customer=author, rating=5)
    found = []
    for title, text, stars in TEXTS:
        found.append(reviewed(made.product_id, text, title=title, rating=stars, customer=author))
        author = uuid7()
    reported = reviewed(made.product_id, "Keeps tea hot for an hour; the glaze chipped in the second week.", rating=3)
    flag(reported.pk, reason="abuse")
    flag(reported.pk, reason="spam")
    work()
    assert [state_of(one.pk) for one in found] == ["QUEUED"] * 3
    return [*found, reported]


def test_the_queue_is_worked_through_with_the_keyboard(console: Page, live_server: Any, waiting: list[Review]) -> None:
    first, second, third, reported = waiting
    console.goto(f"{live_server.url}{QUEUE}")
    heading = console.locator("#rv-heading")
    expect(heading).to_contain_text("Handle broke off")
    expect(heading).to_be_focused()
    console.keyboard.press("a")
    expect(heading).to_contain_text("<script>alert(1)</script>")
    expect(heading).to_be_focused()
    console.keyboard.press("r")
    expect(console.get_by_label("Ground")).to_be_focused()
    console.get_by_label("Ground").select_option("abuse")
    reason = console.get_by_label("Reason")
    reason.fill("a shout at the packers: s, a and r are only letters here")
    console.get_by_role("button", name="Reject and next").click()
    expect(heading).to_contain_text("Good, but")
    console.keyboard.press("s")
    expect(console.locator(".rv-body")).to_contain_text("Keeps tea hot")
    console.keyboard.press("u")
    dialog = console.get_by_role("dialog", name="Undo")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Undo").click()
    expect(console.get_by_text("it is queued again")).to_be_visible()
    assert [state_of(one.pk) for one in (first, second, third, reported)] == ["PUBLISHED", "QUEUED", "QUEUED", "FLAGGED"]


PRESSED_AT_ONCE = """
addEventListener("beforeunload", () => sessionStorage.setItem("pressed", "yes"));
if (!sessionStorage.getItem("pressed")) {
  new MutationObserver((_, watcher) => {
    const heading = document.getElementById("rv-heading");
    if (!heading) return;
    watcher.disconnect();
    heading.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
  }).observe(document, { childList: true, subtree: true });
}
"""


def test_a_key_pressed_while_the_page_arrives_is_not_lost(console: Page, live_server: Any, waiting: list[Review]) -> None:
    console.add_init_script(PRESSED_AT_ONCE)
    console.goto(f"{live_server.url}{QUEUE}", wait_until="commit")
    expect(console.locator("#rv-heading")).to_contain_text("<script>alert(1)</script>")
    assert [state_of(one.pk) for one in waiting[:3]] == ["PUBLISHED", "QUEUED", "QUEUED"]


def test_shortcuts_can_be_switched_off_and_stay_off(console: Page, live_server: Any, waiting: list[Review]) -> None:
    console.goto(f"{live_server.url}{QUEUE}")
    console.get_by_label("Keyboard shortcuts").uncheck()
    console.reload()
    console.keyboard.press("a")
    console.keyboard.press("r")
    expect(console.get_by_label("Keyboard shortcuts")).not_to_be_checked()
    expect(console.locator("#rv-reject")).not_to_have_attribute("open", "")
    assert state_of(waiting[0].pk) == "QUEUED"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_screens_are_accessible(console: Page, live_server: Any, waiting: list[Review], theme: str) -> None:
    screens = {
        "review-queue": QUEUE,
        "review-queue-flagged": f"{QUEUE}?of=flagged",
        "reviews": "/admin/reviews/review/",
        "review": f"/admin/reviews/review/{waiting[3].pk}/change/",
        "decisions": "/admin/reviews/moderationdecision/?tab=all",
        "deny-words": "/admin/reviews/denyword/",
    }
    console.goto(f"{live_server.url}{QUEUE}")
    switch_to(console, theme)
    found = {}
    for name, address in screens.items():
        console.goto(f"{live_server.url}{address}")
        console.wait_for_load_state("networkidle")
        if name == "review-queue":
            console.keyboard.press("r")
            expect(console.get_by_label("Ground")).to_be_focused()
        picture(console, SCREENS, f"{name}-{theme}")
        if told := violations(console):
            found[name] = told
    assert found == {}
