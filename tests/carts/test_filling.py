from uuid import uuid4

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from shop.carts.models import MOST_PER_PRODUCT, Cart, CartItem
from shop.contracts.fields import MOST_ITEMS
from shop.contracts.products import UpdateProduct
from shop.contracts.shopping import AbandonCarts, CreateCart, GetCart, RemoveItemFromCart
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Message
from tests.carts.carts import add, cart, check_out, customer
from tests.catalog.products import product
from tests.messaging.tools import run_threads

pytestmark = pytest.mark.django_db


def stored(cart_id):
    return dict(CartItem.objects.filter(cart=cart_id).values_list("product_id", "quantity"))


def test_a_new_cart_is_open_and_empty_under_an_id_nobody_can_guess():
    view = cart()
    assert view.cart_id.version == 4
    assert view.data() == {"cartId": str(view.cart_id), "status": "OPEN", "items": [], "subtotal": 0}
    assert Cart.objects.get().status == "OPEN"


def test_a_repeated_id_answers_with_the_cart_that_is_there():
    made = cart((product().product_id, 2))
    assert execute(CreateCart(cart_id=made.cart_id, customer_id=uuid4(), currency="USD")) == made
    assert Cart.objects.count() == 1


def test_quantities_are_summed_per_product_and_priced_by_the_catalogue():
    lamp, chair = product(price=500), product(price=300)
    made = cart((lamp.product_id, 2), (chair.product_id, 1), (lamp.product_id, 3))
    assert stored(made.cart_id) == {lamp.product_id: 5, chair.product_id: 1}
    assert [(line.sku, line.quantity, line.unit_price) for line in made.items] == [(lamp.sku, 5, 500), (chair.sku, 1, 300)]
    assert (made.subtotal, made.currency) == (2800, "EUR")
    assert ask(GetCart(cart_id=made.cart_id)) == made


def test_an_open_cart_follows_the_price():
    lamp = product(price=500)
    made = cart((lamp.product_id, 2))
    execute(UpdateProduct(product_id=lamp.product_id, price=450))
    assert ask(GetCart(cart_id=made.cart_id)).subtotal == 900


def test_a_product_that_is_no_longer_sold_has_no_price():
    lamp = product(price=500)
    made = cart((lamp.product_id, 2))
    execute(UpdateProduct(product_id=lamp.product_id, status="ARCHIVED"))
    seen = ask(GetCart(cart_id=made.cart_id))
    assert seen.items[0].unit_price is None
    assert seen.subtotal is None


@pytest.mark.parametrize("status", ["DRAFT", "ARCHIVED"])
def test_what_is_not_sold_cannot_be_added_and_looks_like_what_never_was(status):
    made = cart()
    for product_id in (product(status=status).product_id, uuid4()):
        with pytest.raises(Missing) as missing:
            add(made.cart_id, product_id)
        assert missing.value.code == "product_not_found"
    assert stored(made.cart_id) == {}
    assert Cart.objects.get().currency == ""


def test_a_cart_has_one_currency():
    euros, dollars = product(currency="EUR"), product(currency="USD")
    made = cart((euros.product_id, 1))
    with pytest.raises(Invalid) as invalid:
        add(made.cart_id, dollars.product_id)
    assert invalid.value.code == "currency_mismatch"
    assert stored(made.cart_id) == {euros.product_id: 1}
    with pytest.raises(Invalid):
        add(cart(currency="GBP").cart_id, euros.product_id)


def test_no_more_of_one_product_than_a_cart_holds():
    lamp = product()
    made = cart((lamp.product_id, MOST_PER_PRODUCT))
    with pytest.raises(Invalid) as invalid:
        add(made.cart_id, lamp.product_id, 1)
    assert invalid.value.code == "quantity_too_high"
    assert stored(made.cart_id) == {lamp.product_id: MOST_PER_PRODUCT}


def test_no_more_products_than_a_cart_holds():
    made = cart()
    CartItem.objects.bulk_create(CartItem(cart_id=made.cart_id, product_id=uuid4(), quantity=1) for _ in range(MOST_ITEMS))
    with pytest.raises(Invalid) as invalid:
        add(made.cart_id, product().product_id)
    assert invalid.value.code == "cart_full"
    assert len(stored(made.cart_id)) == MOST_ITEMS


@pytest.mark.parametrize(("quantity", "left"), [(None, None), (1, 2), (3, None), (9, None)])
def test_removing_some_or_all(quantity, left):
    lamp, chair = product(), product(price=300)
    made = cart((lamp.product_id, 3), (chair.product_id, 1))
    seen = execute(RemoveItemFromCart(cart_id=made.cart_id, product_id=lamp.product_id, quantity=quantity))
    expected = {chair.product_id: 1} | ({lamp.product_id: left} if left else {})
    assert stored(made.cart_id) == expected
    assert {line.product_id: line.quantity for line in seen.items} == expected


def test_what_is_not_in_the_cart_cannot_be_removed():
    with pytest.raises(Missing) as missing:
        execute(RemoveItemFromCart(cart_id=cart().cart_id, product_id=uuid4()))
    assert missing.value.code == "item_not_found"


def test_a_cart_that_never_was():
    for attempt in (
        lambda: add(uuid4(), product().product_id),
        lambda: execute(RemoveItemFromCart(cart_id=uuid4(), product_id=uuid4())),
        lambda: ask(GetCart(cart_id=uuid4())),
        lambda: check_out(uuid4(), customer()),
    ):
        with pytest.raises(Missing) as missing:
            attempt()
        assert missing.value.code == "cart_not_found"


def untouched_for(hours, *cart_ids):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE shop_cart SET last_touched_at = now() - make_interval(hours => %s) WHERE id = ANY(%s)",
            [hours, list(cart_ids)],
        )


def test_carts_nobody_came_back_to_are_abandoned_and_others_are_not():
    lamp = product()
    old, young, sold = cart((lamp.product_id, 1)), cart(), cart((lamp.product_id, 1))
    check_out(sold.cart_id, customer())
    untouched_for(settings.CART_ABANDON_HOURS + 1, old.cart_id, sold.cart_id)
    untouched_for(settings.CART_ABANDON_HOURS - 1, young.cart_id)
    for _ in range(2):
        execute(AbandonCarts())
    assert dict(Cart.objects.values_list("id", "status")) == {
        old.cart_id: "ABANDONED",
        young.cart_id: "OPEN",
        sold.cart_id: "CHECKED_OUT",
    }
    assert [message.key for message in Message.objects.filter(name="CartAbandoned")] == [str(old.cart_id)]
    for attempt in (lambda: add(old.cart_id, lamp.product_id), lambda: check_out(old.cart_id, customer())):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "cart_not_open"


def test_a_full_chunk_of_forgotten_carts_asks_for_the_next():
    forgotten = [cart().cart_id for _ in range(3)]
    untouched_for(settings.CART_ABANDON_HOURS + 1, *forgotten)
    execute(AbandonCarts(limit=2))
    assert Cart.objects.filter(status="ABANDONED").count() == 2
    assert Message.objects.filter(name="AbandonCarts").count() == 2


def test_touching_a_cart_keeps_it():
    lamp = product()
    made = cart()
    untouched_for(settings.CART_ABANDON_HOURS + 1, made.cart_id)
    add(made.cart_id, lamp.product_id)
    execute(AbandonCarts())
    assert Cart.objects.get(pk=made.cart_id).status == "OPEN"


@pytest.mark.django_db(transaction=True)
def test_additions_at_once_are_all_counted():
    lamp, made = product(), cart()
    run_threads(20, lambda: add(made.cart_id, lamp.product_id, 2))
    assert stored(made.cart_id) == {lamp.product_id: 40}
    assert Cart.objects.get().version == 20


@pytest.mark.parametrize("wrong", [0, MOST_PER_PRODUCT + 1])
def test_the_database_refuses_a_quantity_out_of_range(wrong):
    cart((product().product_id, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        CartItem.objects.update(quantity=wrong)


def test_adding_costs_the_same_however_full_the_cart(django_assert_max_num_queries):
    spent = []
    for size in (1, 20):
        made = cart(*((product().product_id, 1) for _ in range(size)))
        lamp = product()
        with django_assert_max_num_queries(12) as queries:
            add(made.cart_id, lamp.product_id)
        spent.append(len(queries))
    assert spent[0] == spent[1]
