"""Shopping: carts, checkout of a cart, promotions."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.addresses import Address
from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    CheckoutStatus,
    Currency,
    DeliveryMethod,
    Limit,
    Money,
    Name,
    Names,
    Personal,
    PositiveMoney,
    Priority,
    Quantity,
    UpToMostItems,
    UtcTime,
    Uuid,
)

OWNER = "shopping-platform"

CartStatus = Literal["OPEN", "CHECKED_OUT", "ABANDONED"]


class CartLine(Part):
    """A product in a cart. SKU, name and price are absent while the catalogue cannot be asked."""

    product_id: Uuid
    sku: Name | None = None
    name: Name | None = None
    quantity: Quantity
    unit_price: Money | None = None


class CartView(Part):
    """A cart as it is now; prices are today's until checkout freezes them."""

    cart_id: Uuid
    status: CartStatus
    customer_id: Uuid | None = None
    items: Annotated[list[CartLine], UpToMostItems]
    currency: Currency | None = None
    subtotal: Money | None = None
    checkout_session_id: Uuid | None = None


class CheckoutAccepted(Part):
    """The cart is priced and checked out; follow ``checkoutSessionId`` to see how it ends."""

    checkout_session_id: Uuid
    cart_id: Uuid
    status: CheckoutStatus
    subtotal: Money
    discount: Money
    total: Money
    currency: Currency
    applied_promotions: Names


class LineDiscount(Part):
    """What a line is let off of the whole discount, minor units. The lines of a cart add up to it exactly."""

    product_id: Uuid
    discount: PositiveMoney


class DiscountView(Part):
    """What a cart is let off, never more than its subtotal, and the promotions that did it."""

    discount: PositiveMoney
    applied_promotions: Names | None = None
    # Where the lines are known.
    lines: Annotated[list[LineDiscount], UpToMostItems] | None = None


class ClaimedCart(Part):
    """What became of an anonymous cart at a login; ``cartId`` is where to go on shopping.

    CLAIMED: it is the customer's now. MERGED: its items are in the customer's own cart. KEPT_APART: both are the customer's,
    because they cannot be one (another currency, too many products). REFUSED: it could not be claimed; ``message`` says why.
    """

    cart_id: Uuid
    outcome: Literal["CLAIMED", "MERGED", "KEPT_APART", "REFUSED"]
    message: Name | None = None
    # Products of which the sum was more than a cart holds; it holds as many as it can.
    capped_product_ids: Annotated[list[Uuid], UpToMostItems] | None = None


class CreateCart(Command):
    """Open an empty cart. A repeated ``cartId`` answers with the cart that is already there."""

    owner = OWNER
    key = "cart_id"
    http = Http("POST", "/carts", (201, 400))
    response = CartView

    cart_id: Uuid | None = None
    customer_id: Uuid | None = None
    currency: Currency | None = None


class AddItemToCart(Command):
    """Put so many more of a product into an open cart."""

    owner = OWNER
    key = "cart_id"
    http = Http("POST", "/carts/{cartId}/items", (200, 400, 404, 409))
    response = CartView

    cart_id: Uuid
    product_id: Uuid
    # Published as required and with a default: the default is advice to clients, the field has to be sent.
    quantity: Annotated[Quantity, Field(json_schema_extra={"default": 1})]


class RemoveItemFromCart(Command):
    """Take so many of a product out of an open cart; without a quantity, all of them."""

    owner = OWNER
    key = "cart_id"
    http = Http("DELETE", "/carts/{cartId}/items/{productId}", (200, 404, 409))
    response = CartView

    cart_id: Uuid
    product_id: Uuid
    quantity: Quantity | None = None


class CheckoutCart(Command):
    """Price an open cart, freeze it and start its checkout. Happens once per cart; a repeat gets the same answer."""

    owner = OWNER
    key = "cart_id"
    http = Http("POST", "/carts/{cartId}/checkout", (200, 400, 404, 409))
    response = CheckoutAccepted

    cart_id: Uuid
    customer_id: Uuid
    promotion_code: Name | None = None
    # Either of the two; without both the customer's default address is meant.
    delivery_address: Annotated[Address | None, Personal] = None
    address_id: Uuid | None = None
    delivery_method: DeliveryMethod | None = None
    priority: Priority | None = None
    # The payment provider's token. Card data never gets here.
    payment_method_id: Name | None = None


class ClaimCart(Command):
    """Make an anonymous cart the customer's, or add its items to the open cart the customer has already.

    Quantities of the same product are summed, up to what a cart holds. A cart of somebody else is never touched. A repeat
    answers as the first time.
    """

    owner = OWNER
    key = "cart_id"
    http = Http("POST", "/carts/{cartId}/claim", (200, 400, 404, 409))
    response = ClaimedCart

    cart_id: Uuid
    customer_id: Uuid


class AbandonCarts(Command):
    """Mark open carts that nobody has touched for the configured time as abandoned, at most ``limit`` of them."""

    owner = OWNER

    limit: Limit = 500


class PurgeCarts(Command):
    """Remove carts that nobody has touched for as long as carts are kept, at most ``limit`` of them."""

    owner = OWNER

    limit: Limit = 500


class BasketLine(Part):
    """A line of a cart as promotions look at it."""

    product_id: Uuid
    quantity: Quantity
    unit_price: PositiveMoney
    category: Name | None = None


class CalculateDiscount(Command):
    """Say what a cart is let off. Changes no cart and uses up no promotion.

    Promotions of a category apply only where ``items`` are given; these have to add up to ``subtotal``.
    """

    owner = OWNER
    key = "cart_id"
    http = Http("POST", "/discounts/calculate", (200, 400))
    response = DiscountView

    cart_id: Uuid
    customer_id: Uuid | None = None
    subtotal: PositiveMoney
    currency: Currency
    promotion_code: Name | None = None
    items: Annotated[list[BasketLine], UpToMostItems] | None = None


class CheckedOutLine(Part):
    """A line at the price, SKU and name it was checked out with."""

    product_id: Uuid
    quantity: Quantity
    unit_price: Money
    sku: Name | None = None
    name: Name | None = None
    # Its share of the cart's discount, minor units of the whole line.
    discount: PositiveMoney | None = None


class CartCheckedOut(Event):
    """A cart is priced and frozen. Starts exactly one checkout; ``total`` is ``subtotal`` less ``discount``."""

    owner = OWNER
    key = "cart_id"

    event_id: Uuid
    occurred_at: UtcTime
    cart_id: Uuid
    customer_id: Uuid
    items: Annotated[list[CheckedOutLine], UpToMostItems]
    subtotal: Money | None = None
    discount: Money | None = None
    total: Money
    currency: Currency
    checkout_session_id: Uuid | None = None
    applied_promotions: Names | None = None
    delivery_address: Annotated[Address | None, Personal] = None
    delivery_method: DeliveryMethod | None = None
    priority: Priority | None = None
    payment_method_id: Name | None = None


class CartAbandoned(Event):
    """Nobody came back to an open cart; it can no longer be filled or checked out."""

    owner = OWNER
    key = "cart_id"

    event_id: Uuid
    occurred_at: UtcTime
    cart_id: Uuid
    customer_id: Uuid | None = None


class CartClaimed(Event):
    """An anonymous cart has become a customer's; with ``mergedInto`` its items are in that cart and it is given up itself."""

    owner = OWNER
    key = "cart_id"

    event_id: Uuid
    occurred_at: UtcTime
    cart_id: Uuid
    customer_id: Uuid
    merged_into: Uuid | None = None


class DiscountCalculated(Event):
    """A cart was checked out with this discount, and these promotions count as used."""

    owner = OWNER
    key = "cart_id"

    event_id: Uuid
    occurred_at: UtcTime
    cart_id: Uuid
    discount: PositiveMoney
    currency: Currency
    applied_promotions: Names | None = None


class GetCart(Query):
    """A cart by its unguessable id."""

    owner = OWNER
    http = Http("GET", "/carts/{cartId}", (200, 404))
    response = CartView

    cart_id: Uuid


class CheckedOutCartView(Part):
    """Whose cart started a checkout, and when."""

    cart_id: Uuid
    customer_id: Uuid
    checked_out_at: UtcTime


class GetCheckedOutCart(Query):
    """The cart behind a checkout session, known from the moment of checkout on, before the saga's first step."""

    owner = OWNER
    response = CheckedOutCartView

    checkout_session_id: Uuid
