"""Every screen, on an empty database, on a full one, and on odd input."""

from __future__ import annotations

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse

from shop.console.base import OpsModelAdmin
from tests.console.shop import Shop

pytestmark = pytest.mark.django_db

SCREENS = [screen for screen in django_admin.site._registry.values() if isinstance(screen, OpsModelAdmin)]
NAMES = [screen.opts.label_lower for screen in SCREENS]
ODD = (
    {"q": "<script>alert(1)</script>"},
    {"q": "a\x00b"},
    {"q": "ﬁ" * 200},
    {"q": "😀@example.com"},
    {"p": "1000000000"},
    {"p": "9" * 5000},
    {"tab": "nowhere"},
    {"tab": "\x00"},
    {"cause": "\x00"},
    {"cause": "' OR 1=1 --"},
    {"nonsense": "1"},
    {"o": "99.-1"},
    {"q": "9" * 30},
)
KEYS = ("0", "nonsense", "\x00", "%00", "9" * 400, "00000000-0000-7000-8000-000000000000", "<script>")


@pytest.mark.parametrize("screen", SCREENS, ids=NAMES)
def test_an_empty_list_says_so(admin: Client, screen: OpsModelAdmin) -> None:
    for tab in [""] + [tab.name for tab in screen.tabs]:
        answer = admin.get(screen.list_url(), {"tab": tab} if tab else {})
        assert answer.status_code == 200
        assert (screen.empty[0] in answer.content.decode()) or screen.model.objects.exists()


@pytest.mark.parametrize("screen", SCREENS, ids=NAMES)
def test_odd_input_is_never_an_error(admin: Client, screen: OpsModelAdmin) -> None:
    for odd in ODD:
        answer = admin.get(screen.list_url(), odd, follow=True)
        assert answer.status_code == 200, odd
        assert "<script>alert" not in answer.content.decode(), odd


@pytest.mark.parametrize("address", ["index", "invariants", "find"])
def test_pages_without_a_table_draw_on_an_empty_database(admin: Client, address: str) -> None:
    assert admin.get(reverse(f"admin:{address}")).status_code == 200


@pytest.mark.parametrize("screen", SCREENS, ids=NAMES)
def test_a_row_that_is_not_there_leads_back(admin: Client, screen: OpsModelAdmin) -> None:
    for key in KEYS:
        answer = admin.get(screen.url_of(key))
        assert answer.status_code == 302, key
        assert answer.headers["Location"] == "/admin/"


def test_every_page_of_a_full_shop_draws(admin: Client, shop: Shop) -> None:
    for screen in SCREENS:
        rows = list(screen.model.objects.all()[:12])
        for tab in screen.tabs:
            assert admin.get(screen.list_url(), {"tab": tab.name}).status_code == 200, (screen, tab)
        for row in rows:
            answer = admin.get(screen.url_of(row.pk))
            assert answer.status_code == 200, (screen, row)
            assert answer.templates[0].name == "console/detail.html"
    assert admin.get(reverse("admin:index")).status_code == 200


OTHERS = (
    "/admin/ordering/", "/admin/shop/", "/admin/password_change/", "/admin/jsi18n/", "/admin/auth/user/", "/admin/auth/user/add/",
    "/admin/auth/group/", "/admin/search/?s=x", "/admin/search/?s=%00&extended=1", "/admin/find/?q=%00",
)  # fmt: skip


@pytest.mark.parametrize("address", OTHERS)
def test_what_django_brings_along_draws_too(admin: Client, address: str) -> None:
    assert admin.get(address).status_code == 200


def test_a_search_page_beyond_the_end_is_no_error(admin: Client) -> None:
    for page in ("1000000000", "x", "-1"):
        assert admin.get("/admin/search/", {"s": "orders", "extended": "1", "page": page}).status_code == 404
