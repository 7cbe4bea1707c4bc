"""Filling, emptying, checking out and giving up carts. Every change begins with the cart's row lock."""

from __future__ import annotations

import datetime as dt
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from shop.carts.answers import accepted, view_of
from shop.carts.checkout import announce, held_discount, store
from shop.carts.delivery import delivery_address, must_be_active
from shop.carts.locking import items_of, locked, locked_open, must_be_open
from shop.carts.models import MOST_PER_PRODUCT, Cart, CartItem
from shop.carts.pricing import freeze, products_of
from shop.carts.queries import get_cart, no_such_cart
from shop.carts.states import CartState
from shop.contracts.fields import MOST_ITEMS
from shop.contracts.products import ProductView
from shop.contracts.shopping import (
    AbandonCarts,
    AddItemToCart,
    CartAbandoned,
    CartView,
    CheckoutAccepted,
    CheckoutCart,
    CreateCart,
    GetCart,
    PurgeCarts,
    RemoveItemFromCart,
)
from shop.messaging.bus import publish, send
from shop.messaging.errors import Invalid, Missing, Refused


def create_cart(command: CreateCart) -> CartView:
    """Open an empty cart under an id nobody can guess, or answer with the one that is there under the id that was given."""
    cart = Cart(id=command.cart_id or uuid4(), customer_id=command.customer_id, currency=command.currency or "")
    Cart.objects.bulk_create([cart], ignore_conflicts=True)
    return get_cart(GetCart(cart_id=cart.id))


def add_item_to_cart(command: AddItemToCart) -> CartView:
    """Put so many more of a product into an open cart.

    Raises ``Missing`` (404) for a cart that is not there or a product that is not sold, ``Invalid`` (400) for another
    currency or more than a cart holds, ``Refused`` (409) for a cart that is not open.
    """
    cart, now = locked_open(command.cart_id)
    items = items_of(cart)
    item = _item_for(cart, items, command.product_id)
    products = products_of([each.product_id for each in items])
    cart.currency = cart.currency or _currency_of(products.get(command.product_id))
    _must_fit(cart, products.get(command.product_id), item.quantity + command.quantity)
    item.quantity += command.quantity
    item.save()
    _touch(cart, now)
    return view_of(cart, items, products)


def remove_item_from_cart(command: RemoveItemFromCart) -> CartView:
    """Take so many of a product, or all of them, out of an open cart.

    Raises ``Missing`` (404) for what is not there and ``Refused`` (409) for a cart that is not open.
    """
    cart, now = locked_open(command.cart_id)
    items = items_of(cart)
    item = next((each for each in items if each.product_id == command.product_id), None)
    if item is None:
        raise Missing("item_not_found", "This product is not in the cart.")
    if command.quantity is None or command.quantity >= item.quantity:
        items.remove(item)
        item.delete()
    else:
        item.quantity -= command.quantity
        item.save(update_fields=["quantity"])
    _touch(cart, now)
    return view_of(cart, items, products_of([each.product_id for each in items]))


def checkout_cart(command: CheckoutCart) -> CheckoutAccepted:
    """Price an open cart, hold its promotions, freeze it and start its checkout, all or nothing.

    A cart is checked out once: a repeat by its customer gets the same answer. Raises ``Missing`` (404) for somebody else's
    cart, ``Refused`` (409) for one that is empty, abandoned, or holds what is not sold or a code that does not apply.
    """
    cart, now = locked(command.cart_id)
    if cart.customer_id not in (None, command.customer_id):
        raise no_such_cart()
    if cart.status == CartState.CHECKED_OUT:
        return accepted(cart)
    must_be_open(cart)
    items = items_of(cart)
    if not items:
        raise Refused("cart_empty", "There is nothing in this cart.")
    must_be_active(command.customer_id)
    address = delivery_address(command)
    products = products_of([item.product_id for item in items])
    subtotal = freeze(items, products, cart.currency)
    session_id = uuid7()
    discount = held_discount(command, session_id, cart, items, products, subtotal)
    cart.check_out(
        session_id=session_id,
        customer_id=command.customer_id,
        subtotal=subtotal,
        discount=discount.discount,
        promotions=discount.applied_promotions or (),
        at=now,
    )
    store(cart, items)
    announce(command, session_id, cart, items, address)
    return accepted(cart)


def abandon_carts(command: AbandonCarts) -> None:
    """Give up open carts that nobody has touched for ``CART_ABANDON_HOURS``, a chunk at a time, until none is left."""
    idle = Now() - dt.timedelta(hours=settings.CART_ABANDON_HOURS)
    forgotten = Cart.objects.select_for_update(skip_locked=True).filter(status=CartState.OPEN, last_touched_at__lt=idle)
    carts = list(forgotten.annotate(now=Now()).order_by("last_touched_at")[: command.limit])
    for cart in carts:
        cart.abandon()
        publish(CartAbandoned(event_id=uuid7(), occurred_at=cart.now, cart_id=cart.id, customer_id=cart.customer_id))
    Cart.objects.filter(pk__in=[cart.pk for cart in carts]).update(status=CartState.ABANDONED)
    if len(carts) == command.limit:
        send(command)


def purge_carts(command: PurgeCarts) -> None:
    """Remove carts untouched for ``CART_RETENTION_DAYS``, a chunk at a time, until none is left. What was bought is kept by its
    order, in the words of the moment."""
    old = Now() - dt.timedelta(days=settings.CART_RETENTION_DAYS)
    over = (CartState.CHECKED_OUT, CartState.ABANDONED)
    rows = Cart.objects.select_for_update(skip_locked=True).filter(status__in=over, last_touched_at__lt=old)
    gone = list(rows.order_by("last_touched_at").values_list("pk", flat=True)[: command.limit])
    Cart.objects.filter(pk__in=gone).delete()
    if len(gone) == command.limit:
        send(command)


def _item_for(cart: Cart, items: list[CartItem], product_id: UUID) -> CartItem:
    """The cart's line of this product, a new one at the end of ``items`` if there is none yet."""
    for item in items:
        if item.product_id == product_id:
            return item
    if len(items) == MOST_ITEMS:
        raise Invalid("cart_full", f"A cart holds at most {MOST_ITEMS} different products.")
    items.append(CartItem(cart=cart, product_id=product_id, quantity=0))
    return items[-1]


def _currency_of(product: ProductView | None) -> str:
    return product.currency if product else ""


def _must_fit(cart: Cart, product: ProductView | None, quantity: int) -> None:
    if product is None:
        raise Missing("product_not_found", "There is no such product.")
    if product.currency != cart.currency:
        raise Invalid("currency_mismatch", f"This cart is in {cart.currency}, the product in {product.currency}.")
    if quantity > MOST_PER_PRODUCT:
        sentence = f"A cart holds at most {MOST_PER_PRODUCT} of one product."
        raise Invalid("quantity_too_high", sentence, errors={"quantity": [sentence]})


def _touch(cart: Cart, now: dt.datetime) -> None:
    cart.touch(now)
    cart.save(update_fields=["currency", "version", "last_touched_at"])
