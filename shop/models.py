"""The tables of the Shopping department, system by system; Django finds models only here."""

from shop.carts.models import Cart, CartItem
from shop.console.batches.models import Batch, BatchRow
from shop.console.checking.models import InvariantRun
from shop.console.kept.models import KeptList
from shop.customers.models import (
    AuthenticationSession,
    CustomerAccount,
    CustomerAddress,
    CustomerProfile,
    Erasure,
    LoginCounter,
    SegmentMember,
    Verification,
)
from shop.http.models import IdempotencyKey, ServiceToken
from shop.promotions.models import CancelledOrder, CompletedCheckout, Promotion, PromotionUse

__all__ = [
    "AuthenticationSession",
    "Batch",
    "BatchRow",
    "CancelledOrder",
    "Cart",
    "CartItem",
    "CompletedCheckout",
    "CustomerAccount",
    "CustomerAddress",
    "CustomerProfile",
    "Erasure",
    "IdempotencyKey",
    "InvariantRun",
    "KeptList",
    "LoginCounter",
    "Promotion",
    "PromotionUse",
    "SegmentMember",
    "ServiceToken",
    "Verification",
]
