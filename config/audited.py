"""Which tables record every change of a row, by whom, why, before and after (``docs/audit.md``).

Tables that people change and customers hardly touch: always. Tables on the way of a checkout: only while an operator acts, or
somebody past the application; what customers and machines do to those is in their ledgers, histories and the mailbox.
After a change here: a migration that calls ``bring_up_to_date`` again. A test holds the database to this table.
"""

from __future__ import annotations

from typing import Final

from shop.messaging.audited import Audited

CATALOGUE: Final = (
    # A feed may bring a million new products; each says so in the mailbox.
    Audited("catalog_product", inserts="watched", ignored=("sequence", "enriched", "updated_at")),
    Audited("catalog_productvariant", key="product_id", of="catalog_product"),
    Audited("catalog_category", ignored=("version",)),
)
SHOP: Final = (
    Audited("shop_promotion", ignored=("uses", "version")),
    Audited(
        "shop_customerprofile",
        inserts="watched",
        ignored=("updated_at",),
        personal=("email", "email_key", "name", "status_reason"),
    ),
    Audited(
        "shop_customeraddress",
        inserts="watched",
        key="customer_id",
        of="shop_customerprofile",
        personal=("recipient_name", "line1", "line2", "city", "postal_code"),
    ),
    Audited("shop_segmentmember", key="customer_id", of="shop_customerprofile"),
    Audited("shop_customeraccount", inserts="watched", key="customer_id", of="shop_customerprofile", secret=("password",)),
    Audited("shop_servicetoken", ignored=("last_used_at",), secret=("sha256",)),
    Audited("outward_webhookendpoint", ignored=("failures", "version")),
    Audited("reviews_denyword", ignored=("version",)),
)
STAFF: Final = (
    Audited("auth_user", ignored=("last_login",), secret=("password",), label="Member of staff"),
    Audited("auth_user_groups", key="user_id", of="auth_user", label="Role of a member of staff"),
    Audited("auth_user_user_permissions", key="user_id", of="auth_user", label="Permission of a member of staff"),
    Audited("auth_group", label="Role"),
    Audited("auth_group_permissions", key="group_id", of="auth_group", label="Permission of a role"),
    Audited(
        "otp_totp_totpdevice",
        key="user_id",
        of="auth_user",
        label="Second factor",
        ignored=("last_t", "drift", "throttling_failure_count", "throttling_failure_timestamp", "last_used_at"),
        secret=("key",),
    ),
)
BUSY: Final = (
    Audited("ordering_order", "watched", ignored=("version", "status_sequence"), personal=("delivery_address",)),
    Audited("ordering_orderline", "watched", key="order_id", of="ordering_order"),
    Audited("ordering_orderhold", "watched", key="order_id", of="ordering_order"),
    Audited("fulfilment_stockitem", "watched", key="product_id", ignored=("version", "updated_at", "available")),
    Audited("fulfilment_pickingjob", "watched", ignored=("version",), personal=("address",)),
    Audited("fulfilment_pickingline", "watched", key="job_id", of="fulfilment_pickingjob"),
    Audited("fulfilment_shipment", "watched", ignored=("version",), personal=("destination", "signed_by")),
    Audited("payments_payment", "watched", ignored=("version",), secret=("method_token",)),
    Audited("payments_refund", "watched"),
    # What somebody wrote is not kept twice: a review is never edited, and whoever did it all the same is on record.
    Audited(
        "reviews_review",
        "watched",
        ignored=("version", "helpful_count", "updated_at"),
        secret=("title", "body", "essence", "text_hash"),
    ),
)

AUDITED: Final = (*CATALOGUE, *SHOP, *STAFF, *BUSY)
