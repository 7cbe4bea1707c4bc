"""What operators do to messages, stock, reservations, orders, money and the catalogue has its effect, and its audit row."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.products.models import Product
from fulfilment.inventory.models import Reservation, StockItem
from ordering.orders.models import Order
from payments.models import Payment
from shop.messaging.models import Delivery, Message, OperatorAction
from shop.promotions.models import Promotion
from tests.console.buttons import screen_of, send
from tests.console.shop import Shop, work

pytestmark = pytest.mark.django_db


def test_a_message_is_replayed_to_one_subscriber_only(admin: Client, shop: Shop) -> None:
    said = Message.objects.filter(name="OrderCreated").latest("id")
    listens = "fulfilment.inventory.bind_reservation_when_order_created"
    answer = send(admin, Message, "replay", [said], subscriber=listens)
    assert answer.status_code == 302
    assert Delivery.objects.get(message=said, subscriber=listens).status == "open"
    other = Delivery.objects.exclude(subscriber=listens).get(message=said)
    assert other.status == "done"
    assert send(admin, Message, "replay", [said], subscriber="payments.capture_payment").status_code == 409


def test_stock_is_received_adjusted_and_recounted(admin: Client, shop: Shop) -> None:
    item = StockItem.objects.get(pk=shop.products["BOOK-SEA"])
    assert send(admin, StockItem, "receive", [item], quantity="30", reference="DN-9").status_code == 302
    fresh = StockItem.objects.get(pk=item.pk)
    assert fresh.on_hand == item.on_hand + 30
    assert send(admin, StockItem, "adjust", [fresh], delta="-10").status_code == 302
    assert send(admin, StockItem, "adjust", [fresh], delta="-100000").status_code == 409
    assert send(admin, StockItem, "recount", [fresh], counted="200").status_code == 302
    assert StockItem.objects.get(pk=item.pk).on_hand == 200
    verbs = set(OperatorAction.objects.filter(target_id=str(item.pk), actor="staff:root").values_list("verb", flat=True))
    assert verbs == {"stockitem.receive", "adjust_stock", "recount_stock"}


@pytest.mark.parametrize("typed", ["", "x", "1.5", "-1", "99999999999999999999", "\x00", "0"])
def test_an_impossible_quantity_is_told_at_its_field(admin: Client, shop: Shop, typed: str) -> None:
    item = StockItem.objects.get(pk=shop.products["BOOK-SEA"])
    assert send(admin, StockItem, "receive", [item], quantity=typed).status_code == 422
    assert StockItem.objects.get(pk=item.pk).on_hand == item.on_hand


def test_a_product_never_stocked_is_received_by_sku(admin: Client, shop: Shop) -> None:
    assert send(admin, StockItem, "receive-new", [], product="CUP-BLUE", quantity="5").status_code == 302
    assert send(admin, StockItem, "receive-new", [], product="NOBODY", quantity="5").status_code == 409
    assert StockItem.objects.get(pk=shop.products["CUP-BLUE"]).on_hand == 63


def test_a_reservation_is_extended_and_released(admin: Client, shop: Shop) -> None:
    held = Reservation.objects.get(pk=shop.session("stuck-1").reservation_id)
    assert send(admin, Reservation, "extend", [held], minutes="60").status_code == 302
    longer = Reservation.objects.get(pk=held.pk)
    assert longer.expires_at is not None
    assert held.expires_at is not None
    assert (longer.expires_at - held.expires_at).total_seconds() == 3_600
    assert send(admin, Reservation, "release", [longer]).status_code == 302
    assert Reservation.objects.get(pk=held.pk).status == "RELEASED"
    bound = Reservation.objects.get(pk=shop.session("paid").reservation_id)
    assert send(admin, Reservation, "release", [bound]).status_code == 409


def test_an_order_is_held_and_goes_on(admin: Client, shop: Shop) -> None:
    order = Order.objects.get(pk=shop.session("paid").order_id)
    given = {"look_at": "INVENTORY_RECHECK", "owner_team": "warehouse", "hours": "4"}
    assert send(admin, Order, "hold", [order], **given).status_code == 302
    held = Order.objects.get(pk=order.pk)
    assert held.lifecycle_status == "ON_HOLD"
    assert send(admin, Order, "release", [held], hold="INVENTORY_RECHECK", reason="counted again").status_code == 302
    assert Order.objects.get(pk=order.pk).lifecycle_status == "AWAITING_FULFILMENT"
    assert order.holds.get().resolution == "counted again"


def test_money_is_refunded_within_what_is_left(admin: Client, shop: Shop) -> None:
    payment = Payment.objects.get(pk=shop.session("paid").payment_id)
    assert send(admin, Payment, "refund", [payment], amount="10.505").status_code == 409
    assert send(admin, Payment, "refund", [payment], amount="99999").status_code == 409
    assert send(admin, Payment, "refund", [payment], amount="10.50").status_code == 302
    work()
    assert Payment.objects.get(pk=payment.pk).refunded_amount == 1_050
    assert send(admin, Payment, "void", [payment]).status_code == 409


def test_a_held_payment_is_voided_at_the_provider(admin: Client, shop: Shop) -> None:
    payment = Payment.objects.get(pk=shop.session("stuck-1").payment_id)
    assert payment.status == "AUTHORIZED"
    assert send(admin, Payment, "void", [payment]).status_code == 302
    work()
    assert Payment.objects.get(pk=payment.pk).status == "VOIDED"
    said = Message.objects.get(name="VoidAuthorization", key=str(payment.pk))
    assert (said.actor, said.correlation_id) == ("staff:root", payment.checkout_session_id)


def test_a_product_is_added_edited_and_deleted(admin: Client, shop: Shop) -> None:
    fields = {"name": "Vase", "price": "12.50", "currency": "EUR", "category": "", "description": "", "status": "DRAFT"}
    assert send(admin, Product, "create", [], sku="VASE", **fields).status_code == 302
    vase = Product.objects.get(sku="VASE")
    assert vase.price == 1_250
    assert send(admin, Product, "edit", [vase], **(fields | {"price": "14", "status": "ACTIVE"})).status_code == 302
    vase = Product.objects.get(sku="VASE")
    assert (vase.price, vase.status) == (1_400, "ACTIVE")
    assert send(admin, Product, "create", [], sku="VASE", **fields).status_code == 409
    assert send(admin, Product, "delete", [vase], why="OTHER").status_code == 302
    assert Product.objects.get(pk=vase.pk).deleted_at is not None


def test_a_promotion_is_drafted_activated_and_ended(admin: Client, shop: Shop) -> None:
    given = {"name": "Autumn", "kind": "PERCENTAGE", "value": "12.5", "code": "autumn"}
    assert send(admin, Promotion, "create", [], **given).status_code == 302
    made = Promotion.objects.get(code="AUTUMN")
    assert made.value == 1_250
    assert send(admin, Promotion, "activate", [made]).status_code == 302
    assert send(admin, Promotion, "end", [made]).status_code == 302
    assert Promotion.objects.get(pk=made.pk).status == "ENDED"


def test_every_deed_leaves_exactly_who_and_why(admin: Client, shop: Shop) -> None:
    item = StockItem.objects.get(pk=shop.products["BOOK-SEA"])
    send(admin, StockItem, "receive", [item], quantity="1", reason="<script>alert(1)</script>")
    page = admin.get(screen_of(StockItem).url_of(item.pk)).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
