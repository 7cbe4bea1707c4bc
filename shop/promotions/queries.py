"""What promotions tell about a customer."""

from __future__ import annotations

from shop.contracts.personal_data import GetPromotionUsesOfCustomer, PromotionUsesOfCustomer, PromotionUseView
from shop.promotions.models import PromotionUse
from shop.promotions.states import UseState

MOST = 200


def get_promotion_uses_of_customer(query: GetPromotionUsesOfCustomer) -> PromotionUsesOfCustomer:
    """The latest uses that count, the newest first."""
    uses = PromotionUse.objects.filter(customer_id=query.customer_id).exclude(status=UseState.GIVEN_BACK)
    return PromotionUsesOfCustomer(
        uses=[
            PromotionUseView(promotion=use.promotion.label, amount=use.amount, status=str(use.status), held_at=use.held_at)
            for use in uses.select_related("promotion").order_by("-id")[:MOST]
        ]
    )
