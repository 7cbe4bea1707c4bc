"""What the design says may follow from a command, beside what really followed on recorded journeys."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from config.catalogue.design import design
from config.catalogue.flows import contracts_of, flow_of, strays
from config.sandbox import SandboxControl
from ordering.checkout.models import CheckoutSession
from shop.contracts.fulfilment.inventory import AdjustStock, InventoryReserved, InventoryUnavailable, ReceiveStock
from shop.contracts.ordering import OrderConfirmed, PlaceOrderHold, ReleaseOrderHold, ReserveInventory
from shop.contracts.payments import CapturePayment, PaymentSucceeded
from shop.contracts.shopping import CartCheckedOut, CheckoutCart
from shop.messaging.bus import execute
from shop.messaging.models import Message
from tests.carts.carts import cart, check_out, customer, postal_address
from tests.catalog.products import product
from tests.journeys.shop import checked_out, deliver

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_saga_and_the_chains_are_one_flow() -> None:
    flow = flow_of(CheckoutCart)

    assert flow.doors == ("POST /carts/{cartId}/checkout",)
    assert {CartCheckedOut, ReserveInventory, InventoryReserved, InventoryUnavailable, OrderConfirmed, CapturePayment} <= set(
        flow.messages
    )


def test_a_bought_order_followed_its_design(provider: SandboxControl) -> None:
    bought = checked_out()
    deliver()
    session = CheckoutSession.objects.get(pk=bought)
    recorded = list(Message.objects.filter(correlation_id=session.correlation_id))

    assert strays(Message.objects.all()) == []
    followed = contracts_of(recorded) - {CheckoutCart}
    assert {CartCheckedOut, ReserveInventory, InventoryReserved, OrderConfirmed, CapturePayment, PaymentSucceeded} <= followed
    assert followed <= set(flow_of(CheckoutCart).messages)


def test_journeys_that_go_wrong_followed_it_too(provider: SandboxControl) -> None:
    gone, lamp = product(), product()
    execute(ReceiveStock(product_id=gone.product_id, quantity=1))
    execute(ReceiveStock(product_id=lamp.product_id, quantity=5))
    too_late, declined = cart((gone.product_id, 1)), cart((lamp.product_id, 1))
    execute(AdjustStock(product_id=gone.product_id, delta=-1, reason="broken"))
    check_out(too_late.cart_id, customer(), delivery_address=postal_address())
    check_out(declined.cart_id, customer(), delivery_address=postal_address(), payment_method_id="pm_card_visa_chargeDeclined")
    held = checked_out()
    deliver()
    order = CheckoutSession.objects.get(pk=held).order_id
    review = datetime.now(UTC) + timedelta(days=1)
    execute(PlaceOrderHold(order_id=order, reason="FRAUD_REVIEW", owner_team="risk", review_by=review))
    deliver()

    names = set(Message.objects.values_list("name", flat=True))
    assert {"InventoryUnavailable", "PaymentFailed", "ReleaseInventory", "CheckoutAborted", "OrderPlacedOnHold"} <= names
    assert strays(Message.objects.all()) == []


def test_a_message_that_the_design_does_not_foresee_is_found(provider: SandboxControl) -> None:
    checked_out()
    cause = Message.objects.get(name="CartCheckedOut")
    chain = {"correlation_id": cause.correlation_id, "causation_id": cause.id}
    Message.objects.create(id=uuid4(), kind="event", name="StockLow", version="1.0.0", payload={}, **chain)

    (stray,) = strays(Message.objects.all())
    assert (stray.before, stray.after) == ("CartCheckedOut@1.0.0", "StockLow@1.0.0")


def test_every_served_command_is_known_and_what_handlers_call_within_counts_as_theirs() -> None:
    known = design()

    assert any(edge.before is ReleaseOrderHold and edge.after is OrderConfirmed for edge in known.edges)
    assert any(edge.before is CheckoutCart and edge.through == "shop.carts.checkout_cart" for edge in known.edges)
    assert known.doors[PlaceOrderHold] == ("back office",)
