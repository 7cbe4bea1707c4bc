import pytest

from shop.carts.invariants import cart_violations
from shop.carts.models import CartItem
from shop.messaging.models import Message
from shop.promotions.invariants import promotion_violations
from shop.promotions.models import Promotion, PromotionUse
from tests.carts.carts import cart, check_out, customer
from tests.catalog.products import product
from tests.promotions.promotions import hold, promotion

pytestmark = pytest.mark.django_db


def checked_out():
    return check_out(cart((product().product_id, 2)).cart_id, customer()).cart_id


def rules(violations):
    return [(violation.rule, violation.subject) for violation in violations]


def test_carts_and_promotions_that_went_as_usual_violate_nothing():
    promotion(name="Limited", total_limit=2, per_customer_limit=1)
    checked_out()
    cart((product().product_id, 1))
    assert [*cart_violations(), *promotion_violations()] == []


def test_a_checkout_that_was_not_stated_is_found():
    cart_id = checked_out()
    Message.objects.filter(name="CartCheckedOut").delete()
    assert rules(cart_violations()) == [("a cart is checked out once", str(cart_id))]


def test_a_frozen_line_that_changed_is_found():
    cart_id = checked_out()
    CartItem.objects.update(unit_price=1)
    assert rules(cart_violations()) == [("a frozen cart costs what its lines cost", str(cart_id))]


def test_a_counter_that_is_wrong_is_found():
    made = promotion(total_limit=5)
    Promotion.objects.update(uses=1)
    assert rules(promotion_violations()) == [("a promotion counts its uses", str(made.promotion_id))]


def test_a_customer_beyond_the_limit_is_found():
    made, buyer = promotion(per_customer_limit=1), customer()
    hold(customer_id=buyer)
    hold()
    PromotionUse.objects.update(customer_id=buyer)
    assert rules(promotion_violations()) == [("no customer exceeds a limit", str(made.promotion_id))]
