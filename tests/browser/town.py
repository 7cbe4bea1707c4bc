"""One shop in which ten stories happen, each to people of its own, and what its customers see over HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import connection
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from catalog.products.models import Product
from ordering.orders.models import Order
from reviews.models import Review
from shop.contracts.ordering import ReleaseOrder
from shop.contracts.products import UpdateProduct
from shop.customers.models import CustomerProfile
from shop.messaging.bus import execute
from shop.messaging.context import acting
from tests.console.shop import Shop, check_out, park, stock_the_shelves, work
from tests.http.calls import bearer, log_in
from tests.reviews.desk import submit, words

MANY = tuple(f"many-{number}" for number in range(20))
INDEX = "catalog.search.index_products_when_catalogue_changed"
INDEX_ERROR = "OperationalError: could not extend file: no space left on device"
RUDE = "Whoever packed this is an idiot and a liar: box number {} was open. The pot itself is fine."


def build() -> Shop:
    """Paid orders, checkouts that stand still for two causes, mail that died for a third, reviews that wait."""
    shop = Shop()
    stock_the_shelves(shop)
    work()
    for name in ("stuck", "paid-no-order"):
        check_out(shop, name, ("BOOK-SEA", 1))
    park(shop, "stuck", "paid-no-order")
    for name in MANY:
        check_out(shop, name, ("BOOK-SEA", 1))
    park(shop, *MANY)
    _another_cause(shop, *MANY)
    check_out(shop, "to-hold", ("CUP-BLUE", 1))
    check_out(shop, "to-cancel", ("CUP-BLUE", 2))
    check_out(shop, "to-refund", ("POT-IRON", 1))
    check_out(shop, "to-pack", ("CUP-BLUE", 3), ("LAMP-OAK", 1))
    work()
    with acting("staff:theo"):
        execute(ReleaseOrder(order_id=shop.session("to-pack").order_id))
    _let_mail_die(shop)
    _let_reviews_wait(shop)
    work()
    return shop


def _another_cause(shop: Shop, *names: str) -> None:
    """The warehouse has sold the goods elsewhere: these can only be given up."""
    ids = [shop.sessions[name] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ordering_checkoutsession SET error = %s, fingerprint = 'feedc0ffee00f00d' WHERE id = ANY(%s)",
            ["the goods are gone: sold at the fair", ids],
        )
        cursor.execute(
            "UPDATE ordering_checkoutsession SET updated_at = now() - interval '10 min' WHERE state = 'NEEDS_ATTENTION'"
        )


def _let_mail_die(shop: Shop) -> None:
    """Three products were renamed, and the search index heard nothing of it."""
    for sku in ("CUP-BLUE", "LAMP-OAK", "RUG-WOOL"):
        product = Product.objects.get(sku=sku)
        execute(UpdateProduct(product_id=product.pk, name=f"Renamed {product.name}"))
    work(without=INDEX)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE messaging_delivery SET status = 'dead', attempts = 5, error = %s, fingerprint = 'd15cfu11d15cfu11'
               WHERE subscriber = %s AND status = 'open'""",
            [INDEX_ERROR, INDEX],
        )


def _let_reviews_wait(shop: Shop) -> None:
    """Thirty angry reviews of the rug."""
    words()
    for number in range(1, 31):
        submit(shop.products["RUG-WOOL"], RUDE.format(number), title=f"Number {number}", rating=1 + number % 5)


def empty() -> None:
    """Nothing is left for those who come next."""
    call_command("flush", verbosity=0, interactive=False, allow_cascade=True, inhibit_post_migrate=False)


@dataclass(frozen=True, slots=True)
class Buyer:
    """The customer of one checkout, at home, with nothing but the API."""

    session: UUID
    client: Client
    headers: dict[str, str]

    @classmethod
    def of(cls, shop: Shop, name: str) -> Buyer:
        """Whoever checked out under this name, logged in."""
        session = shop.session(name)
        client = Client()
        email = CustomerProfile.objects.get(pk=session.customer_id).email
        return cls(session.pk, client, bearer(log_in(client, email, "a good password")))

    def sees(self, address: str) -> Any:
        """What an address of the API answers."""
        answer = self.client.get(address, headers=self.headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def checkout(self) -> Any:
        """How the checkout stands, in words."""
        return self.sees(f"/checkouts/{self.session}")

    def order(self) -> Any:
        """The order it has become."""
        return self.sees(f"/orders/{self.checkout()['orderId']}")


def anybody(address: str, **query: str) -> Any:
    """What somebody who is not logged in is told."""
    return Client().get(address, query).json()


class Desk:
    """An operator at a browser: goes in by the dashboard or the search, and does things with the dialogs."""

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.home = home

    def open_queue(self, title: str) -> None:
        """From the dashboard to what waits under this title."""
        self.page.goto(f"{self.home}/admin/")
        self.page.get_by_role("region", name="What needs a person").get_by_role("link", name=title).click()

    def find(self, term: object, kind: str) -> None:
        """By the search to the one thing of this kind that answers to ``term``."""
        self.page.goto(f"{self.home}/admin/")
        self.page.get_by_role("link", name="Find", exact=True).click()
        self.page.get_by_label("Id, e-mail address, SKU or confirmation number").fill(str(term))
        self.page.keyboard.press("Enter")
        row = self.page.get_by_role("row").filter(has=self.page.get_by_role("cell", name=kind, exact=True))
        row.get_by_role("link").first.click()

    def walk_to(self, screen: str) -> None:
        """By the sidebar."""
        self.page.goto(f"{self.home}/admin/")
        self.page.get_by_role("link", name=screen, exact=True).click()

    def ask(self, link: str) -> Locator:
        """Open the dialog of a verb; the link may say more than the verb does (``Retry all 3``)."""
        self.page.get_by_role("link", name=link, exact=True).click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        return dialog

    def do(self, link: str, reason: str, *, button: str = "", **given: str) -> None:
        """Fill in the dialog of a verb, send it, and read that it worked. Fields are named by their labels, ``_`` for a space."""
        dialog = self.ask(link)
        for label, value in given.items():
            field = dialog.get_by_label(re.compile(f"^{label.replace('_', ' ')}"))
            field.select_option(value) if field.evaluate("e => e.tagName") == "SELECT" else field.fill(value)
        if reason:
            dialog.get_by_label("Reason").fill(reason)
        dialog.get_by_role("button", name=button or link, exact=True).click()
        expect(dialog).to_be_hidden()  # it stays and says why when it is refused

    def reads(self, text: str) -> None:
        """The page says so."""
        expect(self.page.get_by_text(text).first).to_be_visible()


def the_order(shop: Shop, name: str) -> Order:
    """The order of this checkout, as it is now."""
    return Order.objects.get(pk=shop.session(name).order_id)


def reviews_of(product: UUID) -> dict[str, int]:
    """How many reviews are in which state."""
    states = list(Review.objects.filter(product_id=product).values_list("state", flat=True))
    return {state: states.count(state) for state in set(states)}
