"""Every screen of the console in a real browser: accessible in light and dark, nothing from outside, no script error.

Without more being said the screens people live on are looked at; ``make screens`` looks at every one, and takes a picture.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from catalog.categories.models import Category
from fulfilment.shipping.models import Shipment
from fulfilment.warehouse.models import PickingJob
from ordering.orders.models import Order
from shop.customers.models import CustomerProfile
from tests.browser.conftest import SCREENS
from tests.browser.looking import picture, switch_to, violations
from tests.console.buttons import SCREENS as REGISTERED
from tests.console.everything import everything, look_for_what_is_wrong
from tests.console.shop import Shop, dispatch

LIVED_ON = (
    "dashboard", "checkouts", "checkout-parked", "stock", "stock-ledger", "confirm-bulk", "order", "picking-short", "pick-list",
    "shipment", "import", "invariants",
)  # fmt: skip


def addresses(shop: Shop) -> dict[str, str]:
    """Every screen worth looking at, by the name of its picture."""
    paid, parked = shop.session("paid"), shop.session("stuck-1")
    short, sent = PickingJob.objects.get(order_id=paid.order_id), Shipment.objects.latest("id")
    paid_too, buyer = shop.session("paid-too").order_id, paid.customer_id
    return {
        "dashboard": "/admin/",
        "checkouts": "/admin/ordering/checkoutsession/",
        "checkouts-all": "/admin/ordering/checkoutsession/?tab=all",
        "checkout-parked": f"/admin/ordering/checkoutsession/{parked.pk}/change/",
        "checkout-paid": f"/admin/ordering/checkoutsession/{paid.pk}/change/",
        "checkout-declined": f"/admin/ordering/checkoutsession/{shop.sessions['declined']}/change/",
        "confirm-bulk": "/admin/ordering/checkoutsession/verbs/retry/?cause=c0ffee5ea5edbeef",
        "export-changes": "/admin/messaging/objectchange/verbs/export/",
        "stock": "/admin/fulfilment/stockitem/",
        "stock-ledger": f"/admin/fulfilment/stockitem/{shop.products['CUP-BLUE']}/change/",
        "picking": "/admin/fulfilment/pickingjob/",
        "picking-short": f"/admin/fulfilment/pickingjob/{short.pk}/change/",
        "pick-a-line": f"/admin/fulfilment/pickingjob/verbs/pick/?ids={short.pk}",
        "pick-list": f"/admin/fulfilment/pickingjob/print/?ids={short.pk}",
        "shipment": f"/admin/fulfilment/shipment/{sent.pk}/change/",
        "order": f"/admin/ordering/order/{Order.objects.get(pk=shop.session('paid-too').order_id).pk}/change/",
        "product": f"/admin/catalog/product/{shop.products['POT-IRON']}/change/",
        "product-lamp": f"/admin/catalog/product/{shop.products['LAMP-OAK']}/change/",
        "category": f"/admin/catalog/category/{Category.objects.get(name='Home').pk}/change/",
        "import": f"/admin/catalog/productimport/{shop.feed}/change/",
        "import-rejected": f"/admin/catalog/productimport/{shop.feed}/change/?kind=REJECTED",
        "import-upload": "/admin/catalog/productimport/verbs/upload/",
        "search-document": f"/admin/catalog/searchdocument/{shop.products['POT-IRON']}/change/?query=cast+iron+teapot",
        "customer": f"/admin/shop/customerprofile/{CustomerProfile.objects.get(pk=paid.customer_id).pk}/change/",
        "customer-erase": f"/admin/shop/customerprofile/verbs/erase/?ids={buyer}",
        "order-amend": f"/admin/ordering/order/verbs/amend/?ids={paid_too}",
        "order-cancel": f"/admin/ordering/order/verbs/cancel/?ids={paid_too}",
        "order-address": f"/admin/ordering/order/verbs/readdress/?ids={paid_too}",
        "order-refund": f"/admin/ordering/order/verbs/refund/?ids={paid_too}",
        "promotion-new": "/admin/shop/promotion/verbs/create/",
        "staff": "/admin/auth/user/",
        "staff-password": f"/admin/auth/user/{User.objects.latest('pk').pk}/password/",
        "staff-delete": f"/admin/auth/user/{User.objects.latest('pk').pk}/delete/",
        "roles": "/admin/auth/group/",
        "flows": f"/admin/flows/?about={paid.order_id}",
        "webhook-endpoint-new": "/admin/outward/webhookendpoint/verbs/create/",
        "invariants": "/admin/invariants/",
        "find": f"/admin/find/?q={paid.pk}",
        "kept-empty": "/admin/kept/",
        "confirm-one": f"/admin/ordering/checkoutsession/verbs/skip/?ids={parked.pk}",
        "nothing-found": "/admin/ordering/order/?q=ORD-00000000",
    }


def every_other() -> dict[str, str]:
    """Every registered screen's list and the page of one of its rows, whatever has a picture already."""
    found: dict[str, str] = {}
    for screen in REGISTERED:
        row = screen.model._default_manager.order_by("-pk").first()
        assert row is not None, screen
        name = f"{screen.opts.app_label}-{screen.opts.model_name}"
        everything_tab = "?tab=all" if any(tab.name == "all" for tab in screen.tabs) else ""
        found |= {name: f"{screen.list_url()}{everything_tab}", f"{name}-one": screen.url_of(row.pk)}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screens_are_accessible(console: Page, live_server: Any, shop: Shop, theme: str) -> None:
    console.goto(f"{live_server.url}/admin/")
    switch_to(console, theme)
    found = {}
    if SCREENS:
        everything(shop)
    else:
        dispatch(shop)
        look_for_what_is_wrong()
    every = addresses(shop)
    for name, address in (every | every_other() if SCREENS else {name: every[name] for name in LIVED_ON}).items():
        answer = console.goto(f"{live_server.url}{address}")
        console.wait_for_load_state("networkidle")
        assert answer is not None
        assert answer.status == 200, name
        picture(console, SCREENS, f"{name}-{theme}")
        if told := violations(console):
            found[name] = told
    assert found == {}
