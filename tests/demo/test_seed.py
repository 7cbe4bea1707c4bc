"""The example shop: everything once, however often it is asked for; what was sold comes back."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from pydantic import SecretStr
from pytest_django.fixtures import Settings

from catalog.products.models import Product
from config.demo.goods import goods
from config.demo.operators import NAME, PASSWORD, ensure_operator
from config.demo.people import people
from config.demo.shopkeeping import CUSTOMER_PASSWORD, DELIVERY, PROMOTIONS, seed
from fulfilment.inventory.models import StockItem
from ordering.orders.addresses import address_problem
from shop.contracts.customers import AuthenticateCustomer
from shop.contracts.fulfilment.inventory import AdjustStock
from shop.contracts.products import UpdateProduct
from shop.customers.models import CustomerAddress, CustomerProfile
from shop.messaging.bus import execute
from shop.messaging.invariants import run_all
from shop.messaging.routing import switchboard
from shop.promotions.models import Promotion

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> dict[str, int]:
    return {
        "products": Product.objects.count(),
        "stocked": StockItem.objects.filter(available=DELIVERY).count(),
        "customers": CustomerProfile.objects.count(),
        "addresses": CustomerAddress.objects.filter(is_default=True).count(),
        "promotions": Promotion.objects.filter(status="ACTIVE").count(),
    }


def test_a_second_time_adds_nothing_and_a_price_somebody_changed_stays() -> None:
    first = seed()
    there = everything()
    assert there == {
        "products": len([*goods()]),
        "stocked": len([*goods()]),
        "customers": 300,
        "addresses": 300,
        "promotions": len(PROMOTIONS),
    }
    execute(UpdateProduct(product_id=first.products[0], price=1))

    second = seed()

    assert everything() == there
    assert (second.new_products, second.new_customers) == (0, 0)
    assert (second.products, second.customers) == (first.products, first.customers)
    assert Product.objects.get(pk=first.products[0]).price == 1
    assert run_all(switchboard().all_invariants()) == []


def test_what_sold_out_is_received_anew_a_missing_product_comes_back_and_customers_can_log_in() -> None:
    first = seed()
    email = next(people()).email
    assert execute(AuthenticateCustomer(email=email, password=SecretStr(CUSTOMER_PASSWORD))).access_token
    execute(AdjustStock(product_id=first.products[0], delta=-DELIVERY, reason="sold out"))
    Product.objects.filter(pk=first.products[1]).update(sku="SOMETHING-ELSE")

    second = seed()

    assert StockItem.objects.get(product_id=first.products[0]).available == DELIVERY
    assert second.new_products == 1
    assert len(second.products) == len(first.products)


def test_people_have_addresses_that_can_be_delivered_to_and_e_mails_of_their_own() -> None:
    crowd = [*people()]
    assert len({person.email for person in crowd}) == len(crowd) == 300
    assert {address_problem(person.address) for person in crowd} == {""}


def test_goods_have_skus_of_their_own() -> None:
    assert len({good.sku for good in goods()}) == len([*goods()]) > 200


def test_the_operator_keeps_a_password_somebody_chose() -> None:
    assert ensure_operator().password == PASSWORD
    user = get_user_model().objects.get(username=NAME)
    assert user.is_superuser
    user.set_password("another one altogether")
    user.save()
    assert ensure_operator().password == ""
    assert get_user_model().objects.get(username=NAME).check_password("another one altogether")


def test_never_in_production(settings: Settings) -> None:
    settings.SHOP_ENV = "production"
    for command in ("seed", "demo"):
        with pytest.raises(CommandError, match="development only"):
            call_command(command)
    assert CustomerProfile.objects.count() == get_user_model().objects.count() == 0
