"""Changes to products that are there, many at a time: what differs is applied by the rules to locked rows, written in one
statement, and stated by one ``ProductUpdated`` each, numbered under the row's lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from catalog.categories.growing import make_sure_of
from catalog.products.models import Product, ProductVariant
from catalog.products.rules import check, check_change, move_to, problems
from shop.contracts.products import ProductChanges, ProductUpdated
from shop.messaging.bus import publish
from shop.messaging.sets import Column, locked, select, update_rows

Changes = Mapping[str, Any]

CHANGEABLE: Final = ("name", "description", "price", "currency", "category", "status")
# What the rules of enrichment look at.
TEXTS: Final = frozenset({"name", "description", "category"})
PRICING: Final = frozenset({"price", "currency"})
WRITTEN: Final[tuple[Column, ...]] = (
    ("name", "text"),
    ("description", "text"),
    ("price", "bigint"),
    ("currency", "text"),
    ("category", "text"),
    ("status", "text"),
    ("enriched", "boolean"),
    ("sequence", "bigint"),
    ("updated_at", "timestamptz"),
)


@dataclass(slots=True)
class Locked:
    """Products whose row locks are held, and those of their variants whose prices follow. Deleted ones are not in it."""

    products: dict[UUID, Product]
    followers: dict[UUID, list[ProductVariant]] = field(default_factory=dict)
    following: dict[UUID, ProductVariant] = field(default_factory=dict)


def lock(ids: Iterable[UUID], *, pricing: bool = True) -> Locked:
    """Lock these products in key order, with the variants that follow their prices unless no price will change.

    A variant is younger than its base product, and is added under the base's lock: so one that appears while we wait for the
    base is found by the second look, and has a greater key than all we hold.
    """
    wanted = list(ids)
    if not pricing:
        return Locked(_rows(wanted))
    products = _rows([*wanted, *(variant.product_id for variant in _following(wanted))])
    variants = _following(wanted)
    if late := [variant.product_id for variant in variants if variant.product_id not in products]:
        products |= _rows(late)
    found = Locked(products)
    for variant in variants:
        found.followers.setdefault(variant.base_id, []).append(variant)
        found.following[variant.product_id] = variant
    for variant in select(ProductVariant, "WHERE product_id = ANY(%s) AND price_difference IS NOT NULL", [wanted]):
        found.following.setdefault(variant.product_id, variant)
    return found


def _rows(ids: Iterable[UUID]) -> dict[UUID, Product]:
    rows = locked(Product, ids, extra="now() AS now")
    return {product.id: product for product in rows if product.deleted_at is None}


def _following(bases: list[UUID]) -> list[ProductVariant]:
    return select(ProductVariant, "WHERE base_id = ANY(%s) AND price_difference IS NOT NULL", [bases])


def change(held: Locked, wanted: Mapping[UUID, Changes], staying: Collection[UUID] = ()) -> dict[UUID, dict[str, Any]]:
    """Make the locked products what is wanted of them, and say only what is new; returns that by product.

    A base product's price takes the variants along that follow it, but for those that are ``staying`` where they are and follow
    from there on. A variant that is given a price of its own stops following. Raises ``Invalid`` (400) by the rules.
    """
    done: dict[UUID, dict[str, Any]] = {}
    for key, given in wanted.items():
        check_change(held.products[key], given)
        if differing := _differing(held.products[key], given):
            done[key] = _apply(held.products[key], differing)
    independent = [key for key in done if key in held.following and not PRICING.isdisjoint(done[key])]
    for key in [key for key in done if key in held.followers and not PRICING.isdisjoint(done[key])]:
        _leave(held, key, set(staying) - set(independent))
        _take_along(held, key, done, {*independent, *staying})
    if independent:
        ProductVariant.objects.filter(product_id__in=independent).update(price_difference=None)
    _write(held, done)
    return done


def out_of_range(held: Locked, wanted: Mapping[UUID, Changes], staying: Collection[UUID]) -> list[UUID]:
    """Those whose wanted price would take a variant along to where no price is, so that ``change`` would refuse them all."""
    return [
        key
        for key, given in wanted.items()
        for price in [given.get("price")]
        if price is not None
        and any(
            problems({"price": price + (each.price_difference or 0)})
            for each in held.followers.get(key, ())
            if each.product_id not in staying
        )
    ]


def _differing(product: Product, given: Changes) -> dict[str, Any]:
    return {name: value for name in CHANGEABLE if (value := given.get(name)) is not None and value != getattr(product, name)}


def _apply(product: Product, changes: dict[str, Any]) -> dict[str, Any]:
    for name, value in changes.items():
        if name == "status":
            move_to(product, value)
        else:
            setattr(product, name, value)
    return changes


def _leave(held: Locked, base: UUID, staying: set[UUID]) -> None:
    """The difference makes up for the base's new price; a variant in another currency cannot follow any more."""
    product = held.products[base]
    for variant in held.followers[base]:
        follower = held.products.get(variant.product_id)
        if follower is not None and variant.product_id in staying:
            same = follower.currency == product.currency
            variant.price_difference = follower.price - product.price if same else None
            variant.save(update_fields=["price_difference"])


def _take_along(held: Locked, base: UUID, done: dict[UUID, dict[str, Any]], left: set[UUID]) -> None:
    product = held.products[base]
    for variant in held.followers[base]:
        follower = held.products.get(variant.product_id)
        if follower is None or variant.product_id in left:
            continue
        price = product.price + (variant.price_difference or 0)
        check({"price": price})
        changes = _differing(follower, {"price": price, "currency": product.currency})
        for name, value in changes.items():
            setattr(follower, name, value)
        if changes:
            done[follower.id] = done.get(follower.id, {}) | changes


def _write(held: Locked, done: Mapping[UUID, Changes]) -> None:
    changed = [held.products[key] for key in done]
    for product in changed:
        product.sequence += 1
        product.updated_at = product.now  # type: ignore[attr-defined]  # fetched with the lock
        product.enriched = product.enriched and TEXTS.isdisjoint(done[product.id])
    rows = [[product.id, *(getattr(product, name) for name, _ in WRITTEN)] for product in changed]
    update_rows(Product._meta.db_table, ("id", "uuid"), WRITTEN, rows)
    make_sure_of({str(changes["category"]) for changes in done.values() if "category" in changes})
    for product in changed:
        publish(
            ProductUpdated(
                event_id=uuid7(),
                occurred_at=product.updated_at,
                product_id=product.id,
                changes=ProductChanges.model_validate(done[product.id]),
            ),
            sequence=product.sequence,
        )
