"""Every table of the ordering department, for Django to find."""

from ordering.amending.models import AmendmentAttempt, AmendmentRun
from ordering.checkout.models import CheckoutAttempt, CheckoutSession
from ordering.orders.models import (
    ConfirmationSeries,
    Order,
    OrderAdjustment,
    OrderArchive,
    OrderHold,
    OrderLine,
    OrderStatusHistory,
)

__all__ = [
    "AmendmentAttempt",
    "AmendmentRun",
    "CheckoutAttempt",
    "CheckoutSession",
    "ConfirmationSeries",
    "Order",
    "OrderAdjustment",
    "OrderArchive",
    "OrderHold",
    "OrderLine",
    "OrderStatusHistory",
]
