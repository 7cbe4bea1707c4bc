"""Anonymous carts become a customer's, and nobody else's cart ever does.

A customer goes on with the open cart touched last, if there is one: what was put into the anonymous cart is added to it, sums
capped at what a cart holds of one product. Where the two cannot be one (another currency, too many different products) both
stay, and both are the customer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from shop.carts.locking import items_of, must_be_open
from shop.carts.models import MOST_PER_PRODUCT, Cart, CartItem
from shop.carts.queries import no_such_cart
from shop.carts.states import CartState
from shop.contracts.fields import MOST_ITEMS
from shop.contracts.shopping import CartClaimed, ClaimCart, ClaimedCart
from shop.messaging.bus import publish
from shop.messaging.sets import fetch_rows
from shop.messaging.sets import locked as locked_rows

OPEN_CART = """
    SELECT id FROM shop_cart WHERE customer_id = %s AND status = 'OPEN' AND id <> %s
    ORDER BY last_touched_at DESC, id DESC LIMIT 1
"""


def claim_cart(command: ClaimCart) -> ClaimedCart:
    """Make the cart the customer's or add it to the customer's own. A repeat answers as the first time.

    Raises ``Missing`` (404) for a cart that is not there or somebody else's, ``Refused`` (409) for one that is not open.
    """
    cart, own = _locked(command.cart_id, command.customer_id)
    if cart.customer_id == command.customer_id:
        return ClaimedCart(cart_id=cart.merged_into or cart.id, outcome="MERGED" if cart.merged_into else "CLAIMED")
    must_be_open(cart)
    items = items_of(cart)
    if own is None:
        return _take(cart, command.customer_id)
    own_items = items_of(own)
    if not items:
        return _merge(cart, [], own, own_items, command.customer_id)
    if own_items and own.currency and cart.currency and own.currency != cart.currency:
        return _apart(cart, command.customer_id, f"Your other cart is in {own.currency}, this one is in {cart.currency}.")
    if len({item.product_id for item in (*items, *own_items)}) > MOST_ITEMS:
        return _apart(cart, command.customer_id, f"Together your two carts hold more than {MOST_ITEMS} different products.")
    return _merge(cart, items, own, own_items, command.customer_id)


def _locked(cart_id: UUID, customer_id: UUID) -> tuple[Cart, Cart | None]:
    """The cart and the customer's own open one, locked in key order. Raises ``Missing``."""
    own = [found for (found,) in fetch_rows(OPEN_CART, [customer_id, cart_id])]
    rows = {row.pk: row for row in locked_rows(Cart, [cart_id, *own], extra="now() AS now")}
    cart = rows.get(cart_id)
    if cart is None or cart.customer_id not in (None, customer_id):
        raise no_such_cart()
    candidates = (rows.get(each) for each in own)
    return cart, next(
        (row for row in candidates if row and row.status == CartState.OPEN and row.customer_id == customer_id), None
    )


def _take(cart: Cart, customer_id: UUID) -> ClaimedCart:
    cart.customer_id = customer_id
    _touch(cart)
    _say(cart, customer_id)
    return ClaimedCart(cart_id=cart.id, outcome="CLAIMED")


def _apart(cart: Cart, customer_id: UUID, why: str) -> ClaimedCart:
    _take(cart, customer_id)
    return ClaimedCart(cart_id=cart.id, outcome="KEPT_APART", message=why)


def _merge(cart: Cart, items: Sequence[CartItem], own: Cart, own_items: Sequence[CartItem], customer_id: UUID) -> ClaimedCart:
    held = {item.product_id: item for item in own_items}
    capped = []
    for item in items:
        target = held.get(item.product_id) or CartItem(cart=own, product_id=item.product_id, quantity=0)
        wanted = target.quantity + item.quantity
        if wanted > MOST_PER_PRODUCT:
            capped.append(item.product_id)
        target.quantity = min(wanted, MOST_PER_PRODUCT)
        target.save()
    if not own_items:
        own.currency = cart.currency or own.currency
    if items:
        _touch(own)
    CartItem.objects.filter(cart=cart).delete()
    cart.merge(own.id, customer_id, cart.now)  # type: ignore[attr-defined]  # the clock came with the lock
    cart.save(update_fields=["status", "customer_id", "merged_into", "version", "last_touched_at"])
    _say(cart, customer_id, own.id)
    return ClaimedCart(cart_id=own.id, outcome="MERGED", capped_product_ids=capped or None)


def _touch(cart: Cart) -> None:
    cart.touch(cart.now)  # type: ignore[attr-defined]
    cart.save(update_fields=["customer_id", "currency", "version", "last_touched_at"])


def _say(cart: Cart, customer_id: UUID, into: UUID | None = None) -> None:
    publish(
        CartClaimed(
            event_id=uuid7(),
            occurred_at=cart.now,  # type: ignore[attr-defined]
            cart_id=cart.id,
            customer_id=customer_id,
            merged_into=into,
        )
    )
