"""Promotions for tests, made the way everybody makes them: by command."""

from typing import Any
from uuid import uuid4

from shop.contracts.promotions import ActivatePromotion, CreatePromotion, HoldPromotionUse, PromotionView
from shop.contracts.shopping import BasketLine, CalculateDiscount, DiscountView
from shop.messaging.bus import execute


def draft(**given: Any) -> PromotionView:
    """Ten percent for everybody, by itself, unless said otherwise; not active yet."""
    facts: dict[str, Any] = {"name": "Ten percent", "discount_kind": "PERCENTAGE", "value": 1000}
    view: PromotionView = execute(CreatePromotion(**(facts | given)))
    return view


def promotion(**given: Any) -> PromotionView:
    """The same, active."""
    view: PromotionView = execute(ActivatePromotion(promotion_id=draft(**given).promotion_id))
    return view


def quote(subtotal: int = 1000, **given: Any) -> DiscountView:
    """What a cart in euros would be let off."""
    facts: dict[str, Any] = {"cart_id": uuid4(), "subtotal": subtotal, "currency": "EUR"}
    view: DiscountView = execute(CalculateDiscount(**(facts | given)))
    return view


def holding(subtotal: int = 1000, **given: Any) -> HoldPromotionUse:
    """A checkout in euros that asks for what it is let off."""
    facts: dict[str, Any] = {
        "checkout_session_id": uuid4(),
        "cart_id": uuid4(),
        "customer_id": uuid4(),
        "items": [BasketLine(product_id=uuid4(), quantity=1, unit_price=subtotal)],
        "subtotal": subtotal,
        "currency": "EUR",
    }
    return HoldPromotionUse(**(facts | given))


def hold(subtotal: int = 1000, **given: Any) -> DiscountView:
    """What such a checkout is let off, held."""
    view: DiscountView = execute(holding(subtotal, **given))
    return view
