"""Who may do what in the back office. A role is a group; a migration makes them from this table (``docs/roles.md``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

SEE_ORDERS: Final = ("ordering.view_checkoutsession", "ordering.view_order", "ordering.view_amendmentrun")
SEE_STOCK: Final = ("fulfilment.view_stockitem", "fulfilment.view_reservation")
SEE_DISPATCH: Final = ("fulfilment.view_pickingjob", "fulfilment.view_shipment", "fulfilment.view_carrierwebhook")
SEE_MONEY: Final = ("payments.view_payment", "payments.view_refund", "payments.view_webhookevent")
SEE_SHOP: Final = ("catalog.view_product", "catalog.view_category", "shop.view_promotion", "shop.view_promotionuse")
SEE_SEARCH: Final = ("catalog.view_searchdocument", "catalog.view_searchgeneration")
SEE_CUSTOMERS: Final = ("shop.view_customerprofile", "shop.view_cart", "shop.view_erasure")
SEE_REVIEWS: Final = ("reviews.view_review", "reviews.view_moderationdecision")
SEE_MAIL: Final = ("messaging.view_message", "messaging.view_delivery")
SEE_ACTIONS: Final = ("messaging.view_operatoraction",)
AUDIT: Final = ("messaging.view_objectchange", "messaging.export_objectchange", "messaging.export_operatoraction")

CHECKOUT: Final = ("ordering.retry_checkoutsession", "ordering.retry_amendmentrun")
CHECKOUT_ALL: Final = (
    *CHECKOUT,
    "ordering.skip_checkoutsession",
    "ordering.compensate_checkoutsession",
    "ordering.abandon_checkoutsession",
    "ordering.skip_amendmentrun",
    "ordering.compensate_amendmentrun",
    "ordering.abandon_amendmentrun",
)
ORDERS: Final = (
    "ordering.hold_order",
    "ordering.release_order",
    "ordering.fulfil_order",
    "ordering.cancel_order",
    "ordering.amend_order",
    "ordering.readdress_order",
)
STOCK: Final = (
    "fulfilment.receive_stockitem",
    "fulfilment.adjust_stockitem",
    "fulfilment.recount_stockitem",
    "fulfilment.threshold_stockitem",
)
RESERVATIONS: Final = ("fulfilment.extend_reservation", "fulfilment.release_reservation")
PICKING: Final = (
    "fulfilment.start_pickingjob",
    "fulfilment.pick_pickingjob",
    "fulfilment.short_pickingjob",
    "fulfilment.giveup_pickingjob",
    "fulfilment.pack_pickingjob",
)
SHIPMENTS: Final = (
    "fulfilment.handover_shipment",
    "fulfilment.ask_shipment",
    "fulfilment.retry_shipment",
    "fulfilment.redeliver_shipment",
    "fulfilment.replace_shipment",
    "fulfilment.lost_shipment",
    "fulfilment.giveup_shipment",
    "fulfilment.reprocess_carrierwebhook",
)
MONEY: Final = (
    "payments.ask_payment",
    "payments.capture_payment",
    "payments.void_payment",
    "payments.refund_payment",
    "ordering.refund_order",
    "payments.retry_refund",
    "payments.approve_refund",
    "payments.reject_refund",
    "payments.reprocess_webhookevent",
)
PRODUCTS: Final = (
    "catalog.create_product",
    "catalog.edit_product",
    "catalog.activate_product",
    "catalog.archive_product",
    "catalog.delete_product",
    "catalog.create_category",
    "catalog.rename_category",
    "catalog.move_category",
    "catalog.delete_category",
    "catalog.view_productimport",
    "catalog.upload_productimport",
    "catalog.apply_productimport",
    "catalog.cancel_productimport",
)
SEARCH: Final = (
    "catalog.reindex_searchdocument",
    "catalog.rebuild_searchgeneration",
    "catalog.abandon_searchgeneration",
)
PROMOTIONS: Final = (
    "shop.create_promotion",
    "shop.edit_promotion",
    "shop.activate_promotion",
    "shop.pause_promotion",
    "shop.resume_promotion",
    "shop.clone_promotion",
    "shop.end_promotion",
)
CUSTOMER_CARE: Final = (
    "shop.edit_customerprofile",
    "shop.suspend_customerprofile",
    "shop.reactivate_customerprofile",
    "shop.logout_customerprofile",
    "shop.export_customerprofile",
    "shop.assign_customerprofile",
    "shop.unassign_customerprofile",
)
CUSTOMERS: Final = (
    *CUSTOMER_CARE,
    "shop.close_customerprofile",
    "shop.erase_customerprofile",
    "shop.legalhold_customerprofile",
    "shop.lifthold_customerprofile",
)
REVIEWS: Final = (
    "reviews.approve_review",
    "reviews.reject_review",
    "reviews.dismiss_review",
    "reviews.undo_review",
    "reviews.view_denyword",
    "reviews.watch_denyword",
    "reviews.forget_denyword",
)
MAIL: Final = ("messaging.retry_delivery", "messaging.discard_delivery", "messaging.replay_message")

# Everybody may begin a batch of what he may do at all; which ones he sees, ``shop.console.batches.seeing`` says.
BATCHES: Final = ("shop.view_batch", "shop.stop_batch", "shop.continue_batch", "shop.retry_batch")

SEE_PARTNERS: Final = ("outward.view_webhookendpoint", "outward.view_webhooksending")
PARTNERS: Final = (
    "outward.create_webhookendpoint",
    "outward.edit_webhookendpoint",
    "outward.test_webhookendpoint",
    "outward.enable_webhookendpoint",
    "outward.disable_webhookendpoint",
    "outward.rotate_webhookendpoint",
    "outward.redeliver_webhooksending",
)

ROLES: Final[Mapping[str, Sequence[str]]] = {
    "support": (
        *SEE_ORDERS, *SEE_STOCK, *SEE_MONEY, *SEE_SHOP, *SEE_CUSTOMERS, *SEE_ACTIONS, *BATCHES, *CHECKOUT, *ORDERS,
        *SEE_DISPATCH, "fulfilment.ask_shipment", "fulfilment.extend_reservation", *CUSTOMER_CARE,
        *SEE_REVIEWS,
    ),
    "moderator": (*SEE_SHOP, *SEE_CUSTOMERS, *SEE_REVIEWS, *SEE_ACTIONS, *BATCHES, *REVIEWS),
    "warehouse": (
        *SEE_STOCK, "ordering.view_order", "ordering.fulfil_order", "catalog.view_product", *SEE_ACTIONS, *BATCHES,
        *STOCK, *RESERVATIONS, *SEE_DISPATCH, *PICKING, *SHIPMENTS,
    ),
    "finance": (
        *SEE_ORDERS, "fulfilment.view_shipment", *SEE_MONEY, *SEE_SHOP, *SEE_CUSTOMERS, *SEE_ACTIONS, *BATCHES, *ORDERS, *MONEY,
    ),
    "merchandiser": (
        *SEE_SHOP, *SEE_SEARCH, "fulfilment.view_stockitem", *SEE_ACTIONS, *BATCHES, *PRODUCTS, *SEARCH, *PROMOTIONS,
    ),
    "operations lead": (
        *SEE_ORDERS, *SEE_STOCK, *SEE_MONEY, *SEE_SHOP, *SEE_SEARCH, *SEE_CUSTOMERS, *SEE_MAIL, *SEE_ACTIONS, *BATCHES,
        *CHECKOUT_ALL, *ORDERS, "ordering.keep_order", *STOCK, *RESERVATIONS, *SEE_DISPATCH, *PICKING, *SHIPMENTS,
        *MONEY, *PRODUCTS, *SEARCH, *PROMOTIONS, *CUSTOMERS, *MAIL,
        *SEE_REVIEWS, *REVIEWS,
        *SEE_PARTNERS, *PARTNERS, *AUDIT,
    ),
}  # fmt: skip


def bring_up_to_date(apps: Any) -> None:
    """Make every role, its permissions, and nothing else of either. ``apps`` is a migration's registry or Django's own."""
    permissions = _permissions(apps, {name for names in ROLES.values() for name in names})
    group = apps.get_model("auth", "Group")
    for role, names in ROLES.items():
        found, _ = group.objects.get_or_create(name=role)
        found.permissions.set([permissions[name] for name in names])


def _permissions(apps: Any, names: Iterable[str]) -> dict[str, Any]:
    """These permissions by name, as ``app.verb_model``; those that are missing are made, in a handful of statements."""
    kinds, permissions = apps.get_model("contenttypes", "ContentType").objects, apps.get_model("auth", "Permission").objects
    wanted = {name: _parts(name) for name in sorted(names)}
    there = {(kind.app_label, kind.model): kind for kind in kinds.all()}
    missing = dict.fromkeys((app, model) for app, _, model in wanted.values() if (app, model) not in there)
    made = kinds.bulk_create(kinds.model(app_label=app, model=model) for app, model in missing)
    there |= {(kind.app_label, kind.model): kind for kind in made}
    known = {(found.content_type_id, found.codename): found for found in permissions.all()}
    found: dict[str, Any] = {}
    for name, (app, verb, model) in wanted.items():
        kind, codename = there[app, model], name.partition(".")[2]
        title = f"Can {verb.replace('_', ' ')} {model}"
        found[name] = known.get((kind.pk, codename)) or permissions.model(content_type=kind, codename=codename, name=title)
    permissions.bulk_create(each for each in found.values() if each.pk is None)
    return found


def _parts(name: str) -> tuple[str, str, str]:
    app, _, codename = name.partition(".")
    verb, _, model = codename.rpartition("_")
    return app, verb, model
