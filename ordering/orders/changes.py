"""What typed changes make of an order: quantities, delivery method, discount. Pure reckoning; nothing is decided here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from ordering.orders.addresses import address_problem
from ordering.orders.holds import HOME_DELIVERY
from ordering.orders.models import Order, OrderLine
from ordering.orders.totals import Terms
from shop.contracts.addresses import Address
from shop.contracts.fulfilment import ReservedItem
from shop.contracts.ordering.amending import OrderChange
from shop.messaging.errors import Invalid, Refused

MOST_OF_ONE: Final = 10_000
FIELDS: Final = {
    "SET_QUANTITY": "items",
    "REMOVE_LINE": "items",
    "SET_DELIVERY_METHOD": "deliveryMethod",
    "CORRECT_PROMOTION": "promotionCode",
}


@dataclass(slots=True)
class Wanted:
    """The order as it would be."""

    terms: Terms
    delivery_method: str
    promotions: list[str]
    fields: list[str] = field(default_factory=list)


def reckon(order: Order, lines: Sequence[OrderLine], changes: Sequence[OrderChange]) -> Wanted:
    """Apply these changes in thought. Raises ``Invalid`` for what makes no sense, ``Refused`` for what cannot be."""
    before = Terms.of(order, lines)
    terms = before.with_quantities(lines, _quantities(before, changes))
    if not terms.quantities:
        raise Refused("nothing_left", "Nothing would be left of the order. Cancel it instead.")
    wanted = Wanted(terms, order.delivery_method, list(order.applied_promotions))
    for change in changes:
        if change.type == "SET_DELIVERY_METHOD":
            _set_delivery_method(wanted, order, change)
        elif change.type == "CORRECT_PROMOTION":
            _correct_promotion(wanted, change)
    wanted.fields = _changed(order, before, wanted)
    if not wanted.fields:
        raise Invalid("nothing_changes", "The order is like that already.")
    return wanted


def items_of(lines: Sequence[OrderLine], *terms: Terms) -> list[ReservedItem]:
    """Pieces per product, as many as the largest of these terms has."""
    most: Counter[UUID] = Counter()
    for each in terms:
        pieces: Counter[UUID] = Counter()
        for line in lines:
            pieces[line.product_id] += each.quantities.get(line.position, 0)
        most |= pieces
    return [ReservedItem(product_id=product_id, quantity=most[product_id]) for product_id in sorted(most)]


def _quantities(before: Terms, changes: Sequence[OrderChange]) -> dict[int, int]:
    wanted: dict[int, int] = {}
    for change in changes:
        if FIELDS[change.type] != "items":
            continue
        if change.position is None or change.position not in before.quantities:
            raise Invalid("no_such_line", f"The order has no line {change.position}.")
        if change.position in wanted:
            raise Invalid("line_changed_twice", f"Line {change.position} is changed twice.")
        if change.type == "SET_QUANTITY" and change.quantity is None:
            raise Invalid("quantity_missing", f"Say how many of line {change.position}.")
        wanted[change.position] = (change.quantity or 0) if change.type == "SET_QUANTITY" else 0
    if any(quantity > MOST_OF_ONE for quantity in wanted.values()):
        raise Invalid("too_many", f"At most {MOST_OF_ONE} of one line.")
    return wanted


def _set_delivery_method(wanted: Wanted, order: Order, change: OrderChange) -> None:
    if change.delivery_method is None:
        raise Invalid("delivery_method_missing", "Say how it is to be delivered.")
    if change.delivery_method == HOME_DELIVERY:
        address = Address.read_data(order.delivery_address) if order.delivery_address else None
        if problem := address_problem(address):
            raise Refused("address_needed", f"{problem} Change the address first.")
    wanted.delivery_method = change.delivery_method


def _correct_promotion(wanted: Wanted, change: OrderChange) -> None:
    if change.discount is None:
        raise Invalid("discount_missing", "Say what the discount should have been.")
    if change.discount > wanted.terms.subtotal:
        raise Invalid("discount_too_large", f"The goods are worth {wanted.terms.subtotal}.")
    wanted.terms = replace(wanted.terms, discount=change.discount)
    if change.promotion_code:
        wanted.promotions = [change.promotion_code]


def _changed(order: Order, before: Terms, wanted: Wanted) -> list[str]:
    found = []
    if wanted.terms.quantities != before.quantities:
        found.append("items")
    if wanted.delivery_method != order.delivery_method:
        found.append("deliveryMethod")
    corrected = wanted.terms.discount != before.discount and "items" not in found
    if corrected or wanted.promotions != list(order.applied_promotions):
        found.append("promotionCode")
    return found
