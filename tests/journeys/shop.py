"""The whole shop with the sandbox outside, worked by the test itself."""

from collections.abc import Collection
from uuid import UUID

from shop.contracts.fulfilment.inventory import ReceiveStock
from shop.messaging.bus import execute
from tests.carts.carts import cart, check_out, customer, postal_address
from tests.catalog.products import product
from tests.mail import deliver_all

CREATE_ORDER = "ordering.orders.create_order"


def checked_out() -> UUID:
    """Somebody checks out two lamps for EUR 20.00; the session."""
    lamp = product()
    execute(ReceiveStock(product_id=lamp.product_id, quantity=5))
    made = cart((lamp.product_id, 2))
    session: UUID = check_out(made.cart_id, customer(), delivery_address=postal_address()).checkout_session_id
    return session


def deliver(*, but: Collection[str] = ()) -> None:
    """Deliver all mail that is due, except to these subscribers."""
    deliver_all(but=but)
