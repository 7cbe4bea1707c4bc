"""The sidebar: screens by what people come for. Everybody sees only what their role may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse_lazy

SECTIONS: tuple[tuple[str, tuple[tuple[str, str, str, str], ...]], ...] = (
    (
        "Orders",
        (
            ("Checkouts", "shopping_cart_checkout", "ordering_checkoutsession", "ordering.view_checkoutsession"),
            ("Orders", "receipt_long", "ordering_order", "ordering.view_order"),
            ("Changes of orders", "edit_note", "ordering_amendmentrun", "ordering.view_amendmentrun"),
        ),
    ),
    (
        "Warehouse",
        (
            ("Picking", "pallet", "fulfilment_pickingjob", "fulfilment.view_pickingjob"),
            ("Shipments", "local_shipping", "fulfilment_shipment", "fulfilment.view_shipment"),
            ("Carrier webhooks", "webhook", "fulfilment_carrierwebhook", "fulfilment.view_carrierwebhook"),
            ("Stock", "inventory_2", "fulfilment_stockitem", "fulfilment.view_stockitem"),
            ("Reservations", "bookmark", "fulfilment_reservation", "fulfilment.view_reservation"),
        ),
    ),
    (
        "Money",
        (
            ("Payments", "payments", "payments_payment", "payments.view_payment"),
            ("Refunds", "currency_exchange", "payments_refund", "payments.view_refund"),
            ("Webhooks", "webhook", "payments_webhookevent", "payments.view_webhookevent"),
        ),
    ),
    (
        "Shop",
        (
            ("Products", "sell", "catalog_product", "catalog.view_product"),
            ("Categories", "account_tree", "catalog_category", "catalog.view_category"),
            ("Imports", "upload_file", "catalog_productimport", "catalog.view_productimport"),
            ("Search documents", "search", "catalog_searchdocument", "catalog.view_searchdocument"),
            ("Search indexes", "manage_search", "catalog_searchgeneration", "catalog.view_searchgeneration"),
            ("Promotions", "percent", "shop_promotion", "shop.view_promotion"),
            ("Promotion uses", "redeem", "shop_promotionuse", "shop.view_promotionuse"),
            ("Customers", "group", "shop_customerprofile", "shop.view_customerprofile"),
            ("Erasures", "person_off", "shop_erasure", "shop.view_erasure"),
            ("Carts", "shopping_cart", "shop_cart", "shop.view_cart"),
        ),
    ),
    (
        "Reviews",
        (
            ("Reviews", "rate_review", "reviews_review", "reviews.view_review"),
            ("Decisions", "gavel", "reviews_moderationdecision", "reviews.view_moderationdecision"),
            ("Deny words", "do_not_disturb_on", "reviews_denyword", "reviews.view_denyword"),
        ),
    ),
    (
        "Mailbox",
        (
            ("Deliveries", "outbox", "messaging_delivery", "messaging.view_delivery"),
            ("Messages", "mail", "messaging_message", "messaging.view_message"),
            ("Webhook endpoints", "webhook", "outward_webhookendpoint", "outward.view_webhookendpoint"),
            ("Webhook sendings", "outbound", "outward_webhooksending", "outward.view_webhooksending"),
            ("Batches", "playlist_play", "shop_batch", "shop.view_batch"),
            ("Operator actions", "history", "messaging_operatoraction", "messaging.view_operatoraction"),
            ("Changes", "difference", "messaging_objectchange", "messaging.view_objectchange"),
        ),
    ),
)


def navigation(_request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar as Unfold takes it."""
    home = [
        {"title": "Dashboard", "icon": "dashboard", "link": reverse_lazy("admin:index")},
        {"title": "Find", "icon": "search", "link": reverse_lazy("admin:find")},
        {"title": "Kept lists", "icon": "bookmark", "link": reverse_lazy("admin:kept")},
        _item("Flows", "account_tree", "admin:flows", "messaging.view_message"),
        _item("Invariants", "verified", "admin:invariants", "messaging.view_message"),
    ]
    sections = [{"title": title, "separator": True, "items": [_screen(*item) for item in items]} for title, items in SECTIONS]
    people = [
        _screen("Staff", "badge", "auth_user", "auth.view_user"),
        _screen("Roles", "admin_panel_settings", "auth_group", "auth.view_group"),
    ]
    return [{"items": home}, *sections, {"title": "People", "separator": True, "items": people}]


def environment(_request: HttpRequest) -> list[str] | None:
    """What stands beside the name wherever it is not production, so that nobody takes the one for the other."""
    name = str(settings.SHOP_ENV)
    return None if name == "production" else [name.capitalize(), "info"]


def _screen(title: str, icon: str, name: str, permission: str) -> dict[str, Any]:
    return _item(title, icon, f"admin:{name}_changelist", permission)


def _item(title: str, icon: str, address: str, permission: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(address), "permission": _needs(permission)}


def _needs(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)
