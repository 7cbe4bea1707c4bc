"""Variants are products: sold, stocked and stated by an id of their own."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.products.models import Product, ProductVariant
from shop.contracts.products import (
    AddVariant,
    Characteristic,
    DeleteProduct,
    GetProduct,
    ProductView,
    UpdateProduct,
)
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Message
from tests.catalog.products import product
from tests.http.calls import post
from tests.http.endpoints import service_token
from tests.messaging.tools import run_threads

pytestmark = pytest.mark.django_db


def options(**named: str) -> list[Characteristic]:
    return [Characteristic(name=name, value=value) for name, value in named.items()]


def variant(base: ProductView, sku: str, **given: Any) -> ProductView:
    if not {"price", "price_difference"} & set(given):
        given["price_difference"] = 0
    view: ProductView = execute(
        AddVariant(**{"product_id": base.product_id, "sku": sku, "options": options(size=sku), "status": "ACTIVE"} | given)
    )
    return view


def test_a_variant_is_a_product_of_its_own() -> None:
    base = product(name="Shirt", price=2000, category="Clothing", description="Cotton")
    large = variant(base, "SHIRT-XL", options=options(colour="sage", size="XL"), price_difference=250)
    assert (large.name, large.price, large.category, large.description) == ("Shirt, sage, XL", 2250, "Clothing", "Cotton")
    assert Message.objects.filter(key=str(large.product_id), name="ProductCreated").count() == 1
    shown = ask(GetProduct(product_id=base.product_id))
    assert [(each.sku, each.price, each.price_difference) for each in shown.variants] == [("SHIRT-XL", 2250, 250)]
    own = ask(GetProduct(product_id=large.product_id))
    assert (own.variant_of, own.options) == (base.product_id, options(colour="sage", size="XL"))


def test_prices_follow_the_base_product_until_one_has_its_own() -> None:
    base = product(price=1000)
    follows, own, became = variant(base, "F", price_difference=100), variant(base, "O", price=5000), variant(base, "B")
    execute(UpdateProduct(product_id=became.product_id, price=1500))
    execute(UpdateProduct(product_id=base.product_id, price=2000))
    prices = dict(Product.objects.values_list("id", "price"))
    assert [prices[each.product_id] for each in (follows, own, became)] == [2100, 5000, 1500]
    said = Message.objects.filter(name="ProductUpdated", key=str(follows.product_id)).get()
    assert (said.payload["changes"], said.sequence) == ({"price": 2100}, 2)
    execute(UpdateProduct(product_id=base.product_id, price=2000, currency="USD"))
    assert Product.objects.get(pk=follows.product_id).currency == "USD"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"price": 1, "price_difference": 1}, "invalid_product"),
        ({"price_difference": -1001}, "invalid_product"),
        ({"options": options(size="S", Size="M")}, "invalid_product"),
        ({"options": options(size=" ")}, "invalid_product"),
        ({"options": options(SIZE=" taken ")}, "variant_exists"),
        ({"sku": "TAKEN", "options": options(size="free")}, "sku_taken"),
    ],
)
def test_what_is_no_variant_is_refused_and_nothing_is_left(given: dict[str, Any], code: str) -> None:
    base = product(price=1000)
    variant(base, "TAKEN", options=options(size="taken"))
    products = Product.objects.count()
    with pytest.raises(Refused) as refused:
        variant(base, **{"sku": "NEW", **given})
    assert (refused.value.code, Product.objects.count()) == (code, products)


def test_variants_have_no_variants_and_unknown_products_none_either() -> None:
    first = variant(product(), "V")
    with pytest.raises(Refused, match="has no variants"):
        variant(first, "VV")
    execute(DeleteProduct(product_id=first.product_id))
    with pytest.raises(Missing):
        variant(first, "VVV")


def test_a_base_product_is_deleted_last_and_options_are_free_again() -> None:
    base = product()
    first = variant(base, "V")
    with pytest.raises(Refused) as refused:
        execute(DeleteProduct(product_id=base.product_id))
    assert refused.value.code == "has_variants"
    execute(DeleteProduct(product_id=first.product_id))
    again = variant(base, "V")
    assert ProductVariant.objects.get().product_id == again.product_id
    execute(DeleteProduct(product_id=again.product_id))
    execute(DeleteProduct(product_id=base.product_id))


def test_a_price_that_takes_a_variant_below_nothing_is_refused() -> None:
    base = product(price=1000)
    variant(base, "CHEAP", price_difference=-900)
    with pytest.raises(Invalid):
        execute(UpdateProduct(product_id=base.product_id, price=500))
    assert set(Product.objects.values_list("price", flat=True)) == {1000, 100}


def test_a_new_currency_comes_with_a_price_of_it() -> None:
    made = product(price=1000)
    with pytest.raises(Invalid) as invalid:
        execute(UpdateProduct(product_id=made.product_id, currency="USD"))
    assert set(invalid.value.errors) == {"currency"}
    assert execute(UpdateProduct(product_id=made.product_id, currency="USD", price=1000)).currency == "USD"
    with pytest.raises(Invalid):
        product(currency="EUE")


def test_the_public_sees_only_variants_that_are_sold(client: Any) -> None:
    service, base = service_token("catalog:write"), product()
    body = {"sku": "D", "options": [{"name": "size", "value": "S"}], "priceDifference": 0}
    made = post(client, f"/products/{base.product_id}/variants", body, **service)
    assert (made.status_code, made.json()["status"]) == (201, "DRAFT")
    variant(base, "A")
    seen = client.get(f"/products/{base.product_id}").json()
    assert [each["sku"] for each in seen["variants"]] == ["A"]
    ours = client.get(f"/products/{base.product_id}", headers=service).json()
    assert [each["sku"] for each in ours["variants"]] == ["D", "A"]


@pytest.mark.django_db(transaction=True)
def test_variants_that_are_added_while_the_price_changes_follow_it() -> None:
    base = product(price=1000)
    numbers, prices = iter(range(8)), iter(range(2000, 2008))

    def work() -> None:
        number = next(numbers)
        if number % 2:
            execute(UpdateProduct(product_id=base.product_id, price=next(prices)))
        else:
            variant(base, f"V{number}", price_difference=5)

    run_threads(8, work)
    price = Product.objects.get(pk=base.product_id).price
    assert set(Product.objects.exclude(pk=base.product_id).values_list("price", flat=True)) == {price + 5}
