from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from catalog.products.models import HIGHEST_PRICE, Product
from shop.contracts.products import CreateProduct, DeleteProduct, GetProduct, GetProducts, UpdateProduct
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Message
from tests.catalog.products import product
from tests.messaging.tools import run_threads

pytestmark = pytest.mark.django_db


def events_of(product_id):
    found = Message.objects.filter(key=str(product_id), kind="event").order_by("sequence")
    return [(message.name, message.sequence, message.payload) for message in found]


def test_a_new_product_is_a_draft_unless_said_otherwise():
    made = execute(CreateProduct(sku="A-1", name="Lamp", price=1250, currency="EUR"))
    stored = Product.objects.get(pk=made.product_id)
    assert (stored.status, stored.price, stored.description, stored.category) == ("DRAFT", 1250, "", "")
    shown = ask(GetProduct(product_id=made.product_id))
    assert (shown.data(), shown.variants, shown.images) == (made.data(), None, None)


def test_creating_is_stated_once_as_the_first_of_its_messages():
    made = product(description="Warm light", category="lamps")
    ((name, sequence, payload),) = events_of(made.product_id)
    assert (name, sequence) == ("ProductCreated", 1)
    assert payload["product"] == made.data()


def test_a_sku_in_use_is_refused_and_nothing_is_said():
    first = product(sku="SAME")
    with pytest.raises(Refused) as refused:
        product(sku="SAME")
    assert (refused.value.status, refused.value.code) == (409, "sku_taken")
    assert Product.objects.get(sku="SAME").pk == first.product_id
    assert Message.objects.filter(name="ProductCreated").count() == 1


def test_case_makes_another_sku():
    product(sku="abc")
    product(sku="ABC")
    assert Product.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"sku": ""}, "sku"),
        ({"sku": " A"}, "sku"),
        ({"name": "  "}, "name"),
        ({"price": HIGHEST_PRICE + 1}, "price"),
    ],
)
def test_what_breaks_a_rule_is_named(given, field):
    with pytest.raises(Invalid) as invalid:
        product(**given)
    assert set(invalid.value.errors) == {field}
    assert not Product.objects.exists()


def test_an_update_says_only_what_changed():
    made = product(name="Old", price=100, category="lamps")
    view = execute(UpdateProduct(product_id=made.product_id, name="Old", price=200, category=""))
    assert (view.price, view.category) == (200, None)
    assert Product.objects.get(pk=made.product_id).price == 200
    name, sequence, payload = events_of(made.product_id)[-1]
    assert (name, sequence, payload["changes"]) == ("ProductUpdated", 2, {"price": 200, "category": ""})


def test_an_update_that_changes_nothing_says_nothing():
    made = product(name="Same")
    execute(UpdateProduct(product_id=made.product_id, name="Same", status="ACTIVE"))
    assert [name for name, *_ in events_of(made.product_id)] == ["ProductCreated"]


@pytest.mark.parametrize("status", ["ACTIVE", "ARCHIVED"])
def test_no_product_becomes_a_draft_again(status):
    made = product(status=status)
    with pytest.raises(Invalid):
        execute(UpdateProduct(product_id=made.product_id, price=1, status="DRAFT"))
    stored = Product.objects.get(pk=made.product_id)
    assert (stored.status, stored.price) == (status, 1000)


@pytest.mark.parametrize(("before", "after"), [("DRAFT", "ACTIVE"), ("ACTIVE", "ARCHIVED"), ("ARCHIVED", "ACTIVE")])
def test_statuses_change(before, after):
    made = product(status=before)
    assert execute(UpdateProduct(product_id=made.product_id, status=after)).status == after
    assert Product.objects.get(pk=made.product_id).status == after


def test_a_deleted_product_is_gone_for_everybody_but_its_row_stays():
    made = product(sku="GONE")
    execute(DeleteProduct(product_id=made.product_id, reason="DISCONTINUED"))
    for again in (DeleteProduct, UpdateProduct):
        with pytest.raises(Missing):
            execute(again(product_id=made.product_id))
    with pytest.raises(Missing):
        ask(GetProduct(product_id=made.product_id))
    stored = Product.objects.get(pk=made.product_id)
    assert stored.deleted_at
    assert stored.deletion_reason == "DISCONTINUED"
    assert [(name, number) for name, number, _ in events_of(made.product_id)] == [
        ("ProductCreated", 1),
        ("ProductDeleted", 2),
    ]


def test_the_sku_of_a_deleted_product_is_free_again():
    execute(DeleteProduct(product_id=product(sku="FREE").product_id))
    assert ask(GetProduct(product_id=product(sku="FREE").product_id)).sku == "FREE"


def test_many_products_cost_one_statement(django_assert_num_queries):
    made = [product(status=status) for status in ("DRAFT", "ACTIVE", "ARCHIVED")]
    deleted = product()
    execute(DeleteProduct(product_id=deleted.product_id))
    wanted = [*(each.product_id for each in made), deleted.product_id, uuid4()]
    with django_assert_num_queries(1):
        found = ask(GetProducts(product_ids=wanted)).products
    assert sorted(each.sku for each in found) == sorted(each.sku for each in made)


@pytest.mark.parametrize("wrong", [{"price": -1}, {"currency": "eur"}, {"price": HIGHEST_PRICE + 1}])
def test_the_database_refuses_what_the_rules_refuse(wrong):
    made = product()
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(pk=made.product_id).update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_changes_at_once_are_numbered_without_a_gap():
    made = product(price=1)
    prices = iter(range(2, 22))
    run_threads(20, lambda: execute(UpdateProduct(product_id=made.product_id, price=next(prices))))
    assert [number for _, number, _ in events_of(made.product_id)] == list(range(1, 22))
    last = events_of(made.product_id)[-1][2]["changes"]["price"]
    assert Product.objects.get(pk=made.product_id).price == last


@pytest.mark.django_db(transaction=True)
def test_one_of_many_takes_the_sku():
    refusals = []

    def take():
        try:
            product(sku="ONE")
        except Refused as refused:
            refusals.append(refused.code)

    run_threads(10, take)
    assert refusals == ["sku_taken"] * 9
    assert Product.objects.filter(sku="ONE").count() == 1
