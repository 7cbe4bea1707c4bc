from uuid import uuid4

import pytest

from catalog.products.models import Product
from shop.carts.models import Cart, CartItem
from shop.contracts.addresses import Address
from shop.contracts.customers import UpdateCustomer
from shop.contracts.products import DeleteProduct, UpdateProduct
from shop.contracts.shopping import GetCart, GetCheckedOutCart
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Delivery, Message
from shop.promotions.models import PromotionUse
from tests.carts.carts import add, cart, check_out, customer, postal_address, with_address
from tests.catalog.products import product
from tests.messaging.tools import run_threads
from tests.promotions.promotions import promotion

pytestmark = pytest.mark.django_db


def stated():
    return list(Message.objects.filter(name="CartCheckedOut"))


def unchanged(cart_id):
    """Nothing is half-done: the cart is open, unpriced, nothing is held and nothing was said."""
    found = Cart.objects.get(pk=cart_id)
    assert (found.status, found.subtotal, found.checkout_session_id) == ("OPEN", None, None)
    assert not CartItem.objects.filter(unit_price__isnull=False).exists()
    assert not PromotionUse.objects.exists()
    assert not Message.objects.filter(name__in=["CartCheckedOut", "CheckoutCart", "DiscountCalculated"]).exists()


def test_a_checkout_freezes_the_cart_with_the_prices_of_now():
    lamp, chair, buyer = product(price=500), product(price=300), customer()
    made = cart((lamp.product_id, 2), (chair.product_id, 1))
    execute(UpdateProduct(product_id=lamp.product_id, price=400))
    answer = check_out(made.cart_id, buyer)
    assert (answer.subtotal, answer.discount, answer.total, answer.currency) == (1100, 0, 1100, "EUR")
    execute(UpdateProduct(product_id=lamp.product_id, price=999, name="Another name"))
    seen = ask(GetCart(cart_id=made.cart_id))
    assert (seen.status, seen.customer_id, seen.subtotal) == ("CHECKED_OUT", buyer, 1100)
    assert seen.checkout_session_id == answer.checkout_session_id
    assert [(line.sku, line.name, line.unit_price) for line in seen.items] == [
        (lamp.sku, lamp.name, 400),
        (chair.sku, chair.name, 300),
    ]


def test_it_is_stated_once_with_everything_the_checkout_needs():
    lamp, buyer = product(price=1005), customer()
    promotion(code="SAVE10")
    made = cart((lamp.product_id, 1), customer_id=buyer)
    answer = check_out(
        made.cart_id,
        buyer,
        promotion_code="save10",
        delivery_address=postal_address(),
        delivery_method="HOME_DELIVERY",
        priority="EXPEDITED",
        payment_method_id="pm_card_visa",
    )
    (message,) = stated()
    assert (message.key, message.correlation_id) == (str(made.cart_id), answer.checkout_session_id)
    assert message.causation_id == Message.objects.get(name="CheckoutCart").id
    said = dict(message.payload)
    assert said.pop("eventId")
    assert said.pop("occurredAt")
    assert said == {
        "cartId": str(made.cart_id),
        "customerId": str(buyer),
        "items": [
            {
                "productId": str(lamp.product_id),
                "quantity": 1,
                "unitPrice": 1005,
                "sku": lamp.sku,
                "name": lamp.name,
                "discount": 101,
            }
        ],
        "subtotal": 1005,
        "discount": 101,
        "total": 904,
        "currency": "EUR",
        "checkoutSessionId": str(answer.checkout_session_id),
        "appliedPromotions": ["SAVE10"],
        "deliveryAddress": postal_address().data(),
        "deliveryMethod": "HOME_DELIVERY",
        "priority": "EXPEDITED",
        "paymentMethodId": "pm_card_visa",
    }


def test_a_repeat_gets_the_same_answer_and_changes_nothing():
    buyer, lamp = customer(), product()
    promotion(name="First", total_limit=1)
    made = cart((lamp.product_id, 1))
    first = check_out(made.cart_id, buyer)
    execute(DeleteProduct(product_id=lamp.product_id))
    assert check_out(made.cart_id, buyer, promotion_code="NONSENSE") == first
    assert len(stated()) == PromotionUse.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_checkouts_of_one_cart_at_once_are_one():
    buyer = customer()
    promotion(name="Limited", total_limit=5)
    made = cart((product().product_id, 3))
    answers = []
    run_threads(50, lambda: answers.append(check_out(made.cart_id, buyer)))
    assert len(answers) == 50
    assert len({answer.checkout_session_id for answer in answers}) == 1
    assert len(stated()) == PromotionUse.objects.count() == 1
    assert Cart.objects.get().checkout_session_id == answers[0].checkout_session_id


def test_a_cart_of_nobody_becomes_the_customers_who_checks_it_out():
    buyer, made = customer(), cart((product().product_id, 1))
    check_out(made.cart_id, buyer)
    assert Cart.objects.get().customer_id == buyer


@pytest.mark.parametrize("owned", [True, False])
def test_somebody_elses_cart_looks_like_none(owned):
    owner, stranger = customer(), customer()
    made = cart((product().product_id, 1), **({"customer_id": owner} if owned else {}))
    if not owned:
        check_out(made.cart_id, owner)
    with pytest.raises(Missing) as missing:
        check_out(made.cart_id, stranger)
    assert missing.value.code == "cart_not_found"


def test_an_empty_cart_is_refused():
    made, buyer = cart(), customer()
    with pytest.raises(Refused) as refused:
        check_out(made.cart_id, buyer)
    assert refused.value.code == "cart_empty"
    unchanged(made.cart_id)


def test_what_is_no_longer_sold_is_named():
    deleted, archived, dollars, sold = product(), product(), product(), product()
    made, buyer = cart(*((each.product_id, 1) for each in (deleted, archived, dollars, sold))), customer()
    execute(DeleteProduct(product_id=deleted.product_id))
    execute(UpdateProduct(product_id=archived.product_id, status="ARCHIVED"))
    Product.objects.filter(pk=dollars.product_id).update(currency="USD")
    with pytest.raises(Refused) as refused:
        check_out(made.cart_id, buyer)
    assert refused.value.code == "products_unavailable"
    assert set(refused.value.data["productIds"]) == {str(each.product_id) for each in (deleted, archived, dollars)}
    unchanged(made.cart_id)


@pytest.mark.parametrize("status", ["SUSPENDED", "CLOSED"])
def test_a_customer_who_may_not_buy(status):
    made, buyer = cart((product().product_id, 1)), customer()
    execute(UpdateCustomer(customer_id=buyer, status=status))
    with pytest.raises(Refused) as refused:
        check_out(made.cart_id, buyer)
    assert refused.value.code == "customer_not_active"
    unchanged(made.cart_id)


def test_an_unknown_customer_is_missing():
    made = cart((product().product_id, 1))
    with pytest.raises(Missing):
        check_out(made.cart_id, uuid4())
    unchanged(made.cart_id)


def test_a_code_in_vain_is_refused_and_not_ignored():
    promotion(name="Automatic", total_limit=3)
    made, buyer = cart((product().product_id, 1)), customer()
    with pytest.raises(Refused) as refused:
        check_out(made.cart_id, buyer, promotion_code="NONSENSE")
    assert (refused.value.status, refused.value.code) == (409, "promotion_not_applicable")
    unchanged(made.cart_id)


def test_a_promotion_of_a_category_knows_the_categories_of_the_catalogue():
    promotion(code="LAMPS", category="lamps", value=5000)
    lamp, chair = product(category="lamps", price=100), product(category="chairs", price=900)
    made = cart((lamp.product_id, 2), (chair.product_id, 1))
    assert check_out(made.cart_id, customer(), promotion_code="LAMPS").discount == 100


def delivered_to():
    return stated()[-1].payload.get("deliveryAddress", {}).get("line1")


def test_where_it_goes():
    lamp, buyer = product(), customer()

    def checked_out(**given):
        check_out(cart((lamp.product_id, 1)).cart_id, buyer, **given)
        found = stated()[-1]
        assert set(found.payload.get("deliveryAddress", {})) <= {field.alias for field in Address.model_fields.values()}
        line = delivered_to()
        Message.objects.filter(pk=found.pk).delete()
        return line

    assert checked_out() is None
    with_address(buyer, "Default street")
    other = with_address(buyer, "Other street")
    assert checked_out() == "Default street"
    assert checked_out(address_id=other) == "Other street"
    assert checked_out(delivery_address=postal_address("Given street")) == "Given street"


def test_an_address_of_somebody_else_is_missing():
    buyer, somebody = customer(), customer()
    theirs = with_address(somebody, "Their street")
    made = cart((product().product_id, 1))
    with pytest.raises(Missing) as missing:
        check_out(made.cart_id, buyer, address_id=theirs)
    assert missing.value.code == "address_not_found"
    unchanged(made.cart_id)


def test_two_addresses_at_once_are_refused():
    buyer = customer()
    made = cart((product().product_id, 1))
    with pytest.raises(Invalid):
        check_out(made.cart_id, buyer, address_id=with_address(buyer, "One"), delivery_address=postal_address())
    unchanged(made.cart_id)


def test_a_cart_that_is_checked_out_can_no_longer_be_changed():
    lamp, buyer = product(), customer()
    made = cart((lamp.product_id, 1))
    check_out(made.cart_id, buyer)
    with pytest.raises(Refused) as refused:
        add(made.cart_id, lamp.product_id)
    assert refused.value.code == "cart_not_open"
    assert CartItem.objects.get().quantity == 1


def test_the_cart_behind_a_checkout_is_known():
    buyer, made = customer(), cart((product().product_id, 1))
    answer = check_out(made.cart_id, buyer)
    found = ask(GetCheckedOutCart(checkout_session_id=answer.checkout_session_id))
    assert (found.cart_id, found.customer_id) == (made.cart_id, buyer)
    assert found.checked_out_at == Cart.objects.get().checked_out_at
    with pytest.raises(Missing):
        ask(GetCheckedOutCart(checkout_session_id=uuid4()))


def test_a_checkout_is_recorded_as_done():
    made, buyer = cart((product().product_id, 1)), customer()
    check_out(made.cart_id, buyer)
    delivery = Delivery.objects.get(message__name="CheckoutCart")
    assert (delivery.subscriber, delivery.status) == ("shop.carts.checkout_cart", "done")
