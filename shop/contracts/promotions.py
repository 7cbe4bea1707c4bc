"""Shopping: promotions as merchandisers make them, and their use by a checkout."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.accounts import Segment
from shop.contracts.base import Command, Part
from shop.contracts.fields import (
    AllDifferent,
    Currency,
    Integer,
    Name,
    PositiveMoney,
    Quantity,
    Reason,
    RequiredName,
    UpToMostItems,
    UtcTime,
    Uuid,
)
from shop.contracts.shopping import OWNER, BasketLine, DiscountView

PromotionStatus = Literal["DRAFT", "ACTIVE", "ENDED"]
PromotionKind = Literal["PERCENTAGE", "FIXED_AMOUNT"]
# What can be taken away from a promotion again.
Clearable = Literal["code", "startsAt", "endsAt", "minimumSpend", "customerSegment", "category", "totalLimit", "perCustomerLimit"]


class PromotionView(Part):
    """A promotion and how much of its limit is used."""

    promotion_id: Uuid
    name: Name
    status: PromotionStatus
    discount_kind: PromotionKind
    value: PositiveMoney
    currency: Currency | None = None
    code: Name | None = None
    total_limit: Quantity | None = None
    uses: Integer
    paused: bool | None = None
    version: Integer | None = None


class CreatePromotion(Command):
    """Draw up a promotion; it applies to nothing until it is activated. A repeated ``promotionId`` answers with what is there.

    ``value`` is in basis points of the price for a PERCENTAGE (1250 is 12.5 %) and in minor units of ``currency`` for a
    FIXED_AMOUNT. Without a ``code`` it applies by itself. A ``category`` limits it to the products of that category.
    """

    owner = OWNER
    key = "promotion_id"
    response = PromotionView

    promotion_id: Uuid | None = None
    name: RequiredName
    discount_kind: PromotionKind
    value: PositiveMoney
    currency: Currency | None = None
    code: RequiredName | None = None
    starts_at: UtcTime | None = None
    ends_at: UtcTime | None = None
    minimum_spend: PositiveMoney | None = None
    customer_segment: Segment | None = None
    category: RequiredName | None = None
    total_limit: Quantity | None = None
    per_customer_limit: Quantity | None = None
    stackable: bool | None = None
    # Stackable promotions apply one after another, the smallest number first.
    priority: Integer | None = None
    # Whether a use is given back when its order is cancelled; it is unless this says no.
    returns_when_cancelled: bool | None = None


class UpdatePromotion(Command):
    """Change the given terms; ``clear`` takes away what may be absent.

    A draft changes freely. Once active, what it takes off, from what and for whom is fixed; name, window, minimum, priority and
    the numbers of existing limits still change, a total limit never below its uses. An ended one stays as it is.
    """

    owner = OWNER
    key = "promotion_id"
    response = PromotionView

    promotion_id: Uuid
    name: RequiredName | None = None
    discount_kind: PromotionKind | None = None
    value: PositiveMoney | None = None
    currency: Currency | None = None
    code: RequiredName | None = None
    starts_at: UtcTime | None = None
    ends_at: UtcTime | None = None
    minimum_spend: PositiveMoney | None = None
    customer_segment: Segment | None = None
    category: RequiredName | None = None
    total_limit: Quantity | None = None
    per_customer_limit: Quantity | None = None
    stackable: bool | None = None
    priority: Integer | None = None
    returns_when_cancelled: bool | None = None
    clear: Annotated[list[Clearable], AllDifferent, Field(json_schema_extra={"uniqueItems": True}), UpToMostItems] | None = None
    reason: Reason | None = None


class PausePromotion(Command):
    """Let an active promotion apply to no further checkout until it is resumed. Twice is the same as once."""

    owner = OWNER
    key = "promotion_id"
    response = PromotionView

    promotion_id: Uuid
    reason: Reason | None = None


class ResumePromotion(Command):
    """Let a paused promotion apply again. Twice is the same as once."""

    owner = OWNER
    key = "promotion_id"
    response = PromotionView

    promotion_id: Uuid
    reason: Reason | None = None


class ClonePromotion(Command):
    """Draft a new promotion on the terms of another one, with a code of its own and nothing used yet.

    A repeat with the same ``newPromotionId`` answers with what is there.
    """

    owner = OWNER
    key = "promotion_id"
    response = PromotionView

    promotion_id: Uuid
    new_promotion_id: Uuid | None = None
    name: RequiredName | None = None
    code: RequiredName | None = None


class ActivatePromotion(Command):
    """Let a drafted promotion apply, within its window. Activating an active one changes nothing."""

    owner = OWNER
    key = "promotion_id"
    response = PromotionView

    promotion_id: Uuid


class EndPromotion(Command):
    """Let a promotion apply to no further checkout; those that hold it already keep it. Ending twice is the same as once."""

    owner = OWNER
    key = "promotion_id"
    response = PromotionView

    promotion_id: Uuid
    reason: Reason | None = None


class HoldPromotionUse(Command):
    """Calculate what a checkout is let off and hold one use of each promotion that did it, until the checkout ends.

    A repeat with the same ``checkoutSessionId`` answers as the first time. A code that does not apply is refused.
    """

    owner = OWNER
    key = "checkout_session_id"
    response = DiscountView

    checkout_session_id: Uuid
    cart_id: Uuid
    customer_id: Uuid
    items: Annotated[list[BasketLine], UpToMostItems]
    subtotal: PositiveMoney
    currency: Currency
    promotion_code: Name | None = None
