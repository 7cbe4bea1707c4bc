"""One's personal data: handed out in full, and erased. Every department that holds some answers a query and hears the event."""

from typing import Annotated, Literal

from shop.contracts.accounts import Segment, SessionView
from shop.contracts.addresses import Address
from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.customers import OWNER, AddressView, CustomerView
from shop.contracts.fields import (
    Currency,
    Limit,
    Money,
    Name,
    Personal,
    Reason,
    Remark,
    Secret,
    Text,
    UpToMostItems,
    UtcTime,
    Uuid,
)
from shop.contracts.ordering.orders import LifecycleStatus, OrderItems
from shop.contracts.reviews import Rating
from shop.contracts.shopping import CartView

FULFILMENT = "fulfilment-platform"
ORDERING = "ordering-platform"
PAYMENTS = "payments-platform"
REVIEWS = "reviews-platform"
SHOPPING = "shopping-platform"


class ErasureView(Part):
    """What is erased at once is gone with this answer; messages already published follow within minutes."""

    customer_id: Uuid
    requested_at: UtcTime
    status: Literal["ERASING", "ERASED"]


class EraseCustomer(Command):
    """Forget who a customer was: profile, address book, login and sessions at once, every other copy in the background.

    Refused while an order or checkout is under way, or under a legal hold. A customer proves it with the password. A repeat
    answers how far it has come.
    """

    owner = OWNER
    key = "customer_id"
    http = Http("POST", "/customers/{customerId}/erasure", (202, 400, 401, 403, 404, 409))
    response = ErasureView

    customer_id: Uuid
    password: Secret | None = None
    reason: Annotated[Reason | None, Remark] = None


class CustomerErased(Event):
    """Nobody is called this any more. Whoever keeps something this customer wrote or was sent removes or pseudonymises it."""

    owner = OWNER
    key = "customer_id"

    event_id: Uuid
    occurred_at: UtcTime
    customer_id: Uuid


class OrderOfCustomer(Part):
    """An order with everything that says something about its customer."""

    order_id: Uuid
    confirmation_number: Name | None = None
    lifecycle_status: LifecycleStatus
    items: OrderItems
    subtotal: Money
    discount: Money
    total: Money
    currency: Currency
    delivery_address: Annotated[Address | None, Personal] = None
    created_at: UtcTime


class OrdersOfCustomer(Part):
    """Up to 200 orders, the oldest first; fewer than asked for are the last."""

    orders: Annotated[list[OrderOfCustomer], UpToMostItems]


class GetOrdersOfCustomer(Query):
    """What ordering holds about a customer, a page at a time: the orders after this one, the oldest first."""

    owner = ORDERING
    response = OrdersOfCustomer

    customer_id: Uuid
    after: Uuid | None = None
    limit: Limit = 200


class OpenBusiness(Part):
    """What keeps a customer from being forgotten yet."""

    order_ids: Annotated[list[Uuid], UpToMostItems]
    checkout_session_ids: Annotated[list[Uuid], UpToMostItems]


class GetOpenBusiness(Query):
    """Orders not over yet, and checkouts under way: those known to ordering, and those named here that it has yet to hear of."""

    owner = ORDERING
    response = OpenBusiness

    customer_id: Uuid
    checkout_session_ids: Annotated[list[Uuid], UpToMostItems]


class ReviewOfCustomer(Part):
    """A review with everything its author wrote, whatever became of it."""

    review_id: Uuid
    product_id: Name
    rating: Rating
    title: Annotated[Name | None, Personal] = None
    body: Annotated[Text, Personal]
    status: Name
    submitted_at: UtcTime


class ReviewsOfCustomer(Part):
    """Up to 200 reviews, the oldest first; fewer than asked for are the last."""

    reviews: Annotated[list[ReviewOfCustomer], UpToMostItems]


class GetReviewsOfCustomer(Query):
    """What reviews hold about a customer, a page at a time: the reviews after this one, the oldest first."""

    owner = REVIEWS
    response = ReviewsOfCustomer

    customer_id: Uuid
    after: Uuid | None = None
    limit: Limit = 200


class CartsOfCustomer(Part):
    """Up to 200 carts, the oldest first; fewer than asked for are the last."""

    carts: Annotated[list[CartView], UpToMostItems]


class GetCartsOfCustomer(Query):
    """What carts hold about a customer, a page at a time: the carts after this one in order of their ids, or the latest ones."""

    owner = SHOPPING
    response = CartsOfCustomer

    customer_id: Uuid
    after: Uuid | None = None
    limit: Limit = 200
    latest: bool = False


class ForgetCarts(Command):
    """Have what was published about an erased customer's carts redacted, those after this one, a chunk at a time."""

    owner = SHOPPING
    key = "customer_id"

    customer_id: Uuid
    after: Uuid | None = None


class ForgetOrders(Command):
    """Take what says who the customer was out of an erased customer's orders, those after this one, a chunk at a time."""

    owner = ORDERING
    key = "customer_id"

    customer_id: Uuid
    after: Uuid | None = None


class OrderPseudonymised(Event):
    """An order no longer says who it was for. Whoever keeps where it went forgets that too."""

    owner = ORDERING
    key = "order_id"

    event_id: Uuid
    occurred_at: UtcTime
    order_id: Uuid
    customer_id: Uuid


class ForgetStripeWebhooks(Command):
    """Redact what the provider's webhooks after this one say beside these intents, a chunk at a time."""

    owner = PAYMENTS

    intent_ids: Annotated[list[Name], UpToMostItems]
    after: Uuid


class ForgetCarrierWebhooks(Command):
    """Redact what the carrier's webhooks after this one say beside these shipments, a chunk at a time."""

    owner = FULFILMENT

    carrier_shipment_ids: Annotated[list[Name], UpToMostItems]
    after: Uuid


class PromotionUseView(Part):
    """A promotion a customer used, and what it took off in minor units of the cart's currency."""

    promotion: Name
    amount: Money
    status: Name
    held_at: UtcTime


class PromotionUsesOfCustomer(Part):
    """Up to 200 uses, the newest first."""

    uses: Annotated[list[PromotionUseView], UpToMostItems]


class GetPromotionUsesOfCustomer(Query):
    """What promotions hold about a customer: the latest uses that count."""

    owner = SHOPPING
    response = PromotionUsesOfCustomer

    customer_id: Uuid


class PersonalData(Part):
    """Everything the shop holds about a customer, machine-readable. Passwords and tokens are not part of it."""

    exported_at: UtcTime
    profile: CustomerView
    addresses: list[AddressView]
    segments: list[Segment]
    sessions: list[SessionView]
    carts: list[CartView]
    orders: list[OrderOfCustomer]
    promotion_uses: list[PromotionUseView]
    reviews: list[ReviewOfCustomer]


class GetPersonalData(Query):
    """Everything the shop holds about a customer, gathered from every department that holds some."""

    owner = OWNER
    http = Http("GET", "/customers/{customerId}/personal-data", (200, 404))
    response = PersonalData

    customer_id: Uuid
