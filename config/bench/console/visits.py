"""Every page an operator can be on: by screen its tabs, its searches, its last page and a page of one row, and the pages of no
table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse

from shop.console.base import OpsModelAdmin
from shop.messaging.sets import fetch_rows

# Pages of things of which much is told.
MUCH_TOLD: Final[Mapping[str, str]] = {
    "ordering.order": """SELECT o.id FROM messaging_message m JOIN ordering_order o ON o.checkout_session_id = m.correlation_id
                         WHERE m.name = 'TrackShipment' ORDER BY m.id DESC LIMIT 1""",
    "ordering.checkoutsession": """SELECT correlation_id FROM messaging_message WHERE name = 'TrackShipment'
                                   ORDER BY id DESC LIMIT 1""",
    "messaging.message": "SELECT id FROM messaging_message WHERE name = 'TrackShipment' ORDER BY id DESC LIMIT 1",
    "fulfilment.stockitem": "SELECT product_id FROM fulfilment_stockitem ORDER BY version DESC LIMIT 1",
    "catalog.product": "SELECT product_id FROM fulfilment_stockitem ORDER BY version DESC LIMIT 1",
    "shop.customerprofile": "SELECT customer_id FROM ordering_order GROUP BY customer_id ORDER BY count(*) DESC LIMIT 1",
    "payments.payment": """SELECT p.id FROM messaging_message m JOIN payments_payment p ON p.checkout_session_id =
    m.correlation_id
                           JOIN ordering_order o ON o.payment_id = p.id
                           WHERE m.name = 'TrackShipment' ORDER BY m.id DESC LIMIT 1""",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One kind of look at one screen. ``addresses`` are asked one after the other, from the beginning again if need be."""

    screen: str
    what: str
    addresses: Sequence[str]
    last_page: bool = False

    def address(self, number: int) -> str:
        """What is asked the ``number``-th time."""
        return self.addresses[number % len(self.addresses)]


def visits(terms: Mapping[str, Sequence[str]]) -> Iterator[Visit]:
    """All of them. ``last_page``: its address is the list, of which the last page that can be reached is meant."""
    yield from _pages(terms)
    for model, screen in admin.site._registry.items():
        name = str(model._meta.verbose_name_plural).capitalize()
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield Visit(name, "list", [address])
        if isinstance(screen, OpsModelAdmin):
            yield from _of_screen(name, address, screen, terms)


def _of_screen(name: str, address: str, screen: OpsModelAdmin, terms: Mapping[str, Sequence[str]]) -> Iterator[Visit]:
    for tab in screen.tabs:
        yield Visit(name, f"tab {tab.label}", [f"{address}?{urlencode({'tab': tab.name})}"])
    everything = f"{address}?tab={screen.tabs[-1].name}" if screen.tabs else address
    for page in dict.fromkeys((address, f"{address}?tab={screen.tabs[0].name}" if screen.tabs else address, everything)):
        yield Visit(name, f"last page of {page.removeprefix(address) or 'the list'}", [page], last_page=True)
    if screen.search_fields:
        for kind, texts in terms.items():
            yield Visit(name, f"search: {kind}", [f"{address}?{urlencode({'q': text})}" for text in texts])
    if keys := _newest(screen):
        yield Visit(name, "a page", [screen.url_of(key) for key in keys])
    if (sql := MUCH_TOLD.get(screen.opts.label_lower)) and (rows := fetch_rows(sql)):
        yield Visit(name, "a page of which much is told", [screen.url_of(rows[0][0])])


def _newest(screen: OpsModelAdmin) -> list[Any]:
    rows = screen.model._default_manager.order_by("-pk").values_list("pk", flat=True)
    return list(rows[:10])


def _pages(terms: Mapping[str, Sequence[str]]) -> Iterator[Visit]:
    yield Visit("Dashboard", "everything", [reverse("admin:index")])
    for kind, texts in terms.items():
        yield Visit("Find", kind, [f"{reverse('admin:find')}?{urlencode({'q': text})}" for text in texts])
        yield Visit("Ctrl+K", kind, [f"{reverse('admin:search')}?{urlencode({'s': text, 'extended': 1})}" for text in texts])
    yield Visit("Flows", "the design", [f"{reverse('admin:flows')}?start=CheckoutCart"])
    orders = terms.get("order id", ()) or ("",)
    yield Visit("Flows", "of one order", [f"{reverse('admin:flows')}?{urlencode({'about': text})}" for text in orders])
    yield Visit("Flows", "a long one", [f"{reverse('admin:flows')}?{urlencode({'about': _long_chain()})}"])
    yield Visit("Invariants", "before they run", [reverse("admin:invariants")])
    yield Visit("Moderation queue", "new", [f"{reverse('admin:reviews_review_queue')}?of=queued"])
    yield Visit("Moderation queue", "flagged", [f"{reverse('admin:reviews_review_queue')}?of=flagged"])
    yield Visit("Pick list", "of the queue", [reverse("admin:fulfilment_pickingjob_print")])


def _long_chain() -> str:
    rows = fetch_rows(MUCH_TOLD["ordering.checkoutsession"])
    return str(rows[0][0]) if rows else ""
