"""Lists: as many statements for fifty rows as for five, search routed by the term's shape, paging that never counts too far."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from uuid_utils.compat import uuid7

from catalog.categories.models import Category
from catalog.feeds.models import ProductImport
from catalog.products.models import Product
from catalog.search.models import SearchDocument, SearchGeneration
from fulfilment.inventory.models import Reservation, ReservationLine, StockItem
from fulfilment.shipping.models import CarrierWebhook, Shipment
from fulfilment.warehouse.models import PickingJob, PickingLine
from ordering.amending.models import AmendmentRun
from ordering.checkout.models import CheckoutAttempt, CheckoutSession
from ordering.orders.models import Order, OrderHold
from payments.models import Payment, Refund, WebhookEvent
from reviews.models import DenyWord, ModerationDecision, Review
from shop.carts.models import Cart, CartItem
from shop.console.base import OpsModelAdmin
from shop.console.batches.models import Batch
from shop.console.paging import CappedPaginator
from shop.contracts.ordering.amending import OrderAmendmentRequested
from shop.customers.models import CustomerProfile, Erasure
from shop.messaging.models import Delivery, Message, ObjectChange, OperatorAction
from shop.outward.models import WebhookEndpoint, WebhookSending
from shop.promotions.models import Promotion, PromotionUse
from tests.console.buttons import SCREENS, screen_of
from tests.console.shop import Shop

pytestmark = pytest.mark.django_db

# Session, user, rows and their count, and what a page needs beyond its own table; permissions are free for a superuser.
MOST_STATEMENTS = 9
# A page is made of sections, each with a question or two of its own.
MOST_ON_A_PAGE = 30


def fill_tables(count: int) -> None:
    """So many rows everywhere, each with whatever hangs on it."""
    numbers = range(count)
    customers = [CustomerProfile(id=uuid7(), email=f"n{i}@example.com", email_key=f"n{i}@example.com") for i in numbers]
    CustomerProfile.objects.bulk_create(customers)
    products = [Product(id=uuid7(), sku=f"S{i}", name=f"Thing {i}", price=100, currency="EUR") for i in numbers]
    Product.objects.bulk_create(products)
    Category.objects.bulk_create([Category(id=uuid7(), name=f"C{i}", slug=f"c{i}", path=f"c{i}") for i in numbers])
    ProductImport.objects.bulk_create(
        [ProductImport(id=uuid7(), upload=uuid7(), file_name="f.csv", size=1, actor="system", layout={}) for _ in numbers]
    )
    StockItem.objects.bulk_create([StockItem(product_id=product.id, on_hand=5) for product in products])
    ids = [[uuid7() for _ in range(5)] for _ in numbers]
    sessions = [
        CheckoutSession(
            id=session, cart_id=cart, order_id=order, payment_id=payment, reservation_id=reservation,
            customer_id=customers[i].id, state="NEEDS_ATTENTION", error="boom", fingerprint=f"f{i % 3}", total=100,
            currency="EUR", opening="{}", correlation_id=session, attempt=1,
        )
        for i, (session, cart, order, payment, reservation) in enumerate(ids)
    ]  # fmt: skip
    CheckoutSession.objects.bulk_create(sessions)
    messages = [
        Message(
            id=uuid7(),
            kind="command",
            name="ReserveInventory",
            version="1.0.0",
            key=str(one.id),
            correlation_id=one.id,
            payload={},
        )
        for one in sessions
    ]
    Message.objects.bulk_create(messages)
    Delivery.objects.bulk_create(
        [
            Delivery(message=said, subscriber=f"s.{i % 3}", queue="q", status="dead", error="boom", fingerprint=f"f{i % 3}")
            for i, said in enumerate(messages)
        ]
    )
    CheckoutAttempt.objects.bulk_create(
        [
            CheckoutAttempt(record=one, step="ReserveInventory", attempt=1, command_id=said.id, actor="system")
            for one, said in zip(sessions, messages, strict=True)
        ]
    )
    orders = [
        Order(
            id=one.order_id, confirmation_number=f"ORD-{i:08d}", customer_id=one.customer_id, cart_id=one.cart_id,
            checkout_session_id=one.id, payment_id=one.payment_id, subtotal=100, total=100, currency="EUR",
            delivery_method="HOME_DELIVERY", priority="STANDARD",
        )
        for i, one in enumerate(sessions)
    ]  # fmt: skip
    Order.objects.bulk_create(orders)
    OrderHold.objects.bulk_create(
        [
            OrderHold(order=one, reason="FRAUD_REVIEW", owner_team="fraud", review_by="2020-01-01T00:00Z", placed_by="x")
            for one in orders
        ]
    )
    reservations = [
        Reservation(id=one.reservation_id, cart_id=one.cart_id, status="HELD", expires_at="2030-01-01T00:00Z") for one in sessions
    ]
    Reservation.objects.bulk_create(reservations)
    ReservationLine.objects.bulk_create(
        [
            ReservationLine(reservation=held, product_id=product.id, quantity=1)
            for held, product in zip(reservations, products, strict=True)
        ]
    )
    jobs = [
        PickingJob(
            id=uuid7(), order_id=one.order_id, customer_id=one.customer_id, confirmation_number=f"ORD-{i:08d}",
            warehouse_id="main", reservation_id=one.reservation_id, delivery_method="HOME_DELIVERY", priority="STANDARD", rank=2,
        )
        for i, one in enumerate(sessions)
    ]  # fmt: skip
    PickingJob.objects.bulk_create(jobs)
    PickingLine.objects.bulk_create(
        [PickingLine(job=job, position=1, product_id=uuid7(), sku="S", name="Thing", quantity=2) for job in jobs]
    )
    Shipment.objects.bulk_create(
        [
            Shipment(
                id=uuid7(), order_id=job.order_id, picking_job_id=job.id, customer_id=job.customer_id, confirmation_number="ORD",
                delivery_method="HOME_DELIVERY", parcel_count=1,
            )
            for job in jobs
        ]
    )  # fmt: skip
    CarrierWebhook.objects.bulk_create([CarrierWebhook(id=uuid7(), event_id=f"cev_{i}", type="x", body=b"{}") for i in numbers])
    payments = [
        Payment(
            id=one.payment_id, order_id=one.order_id, customer_id=one.customer_id, amount=100, currency="EUR", status="SUCCEEDED",
            captured_amount=100,
        )
        for one in sessions
    ]  # fmt: skip
    Payment.objects.bulk_create(payments)
    Refund.objects.bulk_create([Refund(id=uuid7(), payment=one, amount=1, currency="EUR", reason="x") for one in payments])
    WebhookEvent.objects.bulk_create(
        [WebhookEvent(id=uuid7(), provider="stripe", event_id=f"evt_{i}", type="x", body=b"{}") for i in numbers]
    )
    carts = [Cart(id=one.cart_id, customer_id=one.customer_id, currency="EUR") for one in sessions]
    Cart.objects.bulk_create(carts)
    CartItem.objects.bulk_create(
        [CartItem(cart=cart, product_id=product.id, quantity=1) for cart, product in zip(carts, products, strict=True)]
    )
    promotions = [Promotion(id=uuid7(), name=f"P{i}", kind="PERCENTAGE", value=100) for i in numbers]
    Promotion.objects.bulk_create(promotions)
    PromotionUse.objects.bulk_create(
        [
            PromotionUse(
                id=uuid7(), promotion=used, customer_id=one.customer_id, cart_id=one.cart_id, checkout_session_id=one.id, amount=1
            )
            for used, one in zip(promotions, sessions, strict=True)
        ]
    )  # fmt: skip
    AmendmentRun.objects.bulk_create(
        [
            AmendmentRun(
                id=uuid7(), order_id=one.order_id, state="NEEDS_ATTENTION", error="boom", fingerprint=f"f{i % 3}",
                opening=wanted(one), correlation_id=one.id,
            )
            for i, one in enumerate(sessions)
        ]
    )  # fmt: skip
    Batch.objects.bulk_create(
        [
            Batch(
                id=uuid7(), verb="retry", model="messaging.delivery", permission="x", actor="x", reason="x", given={},
                selection="CAUSE", total=1, correlation_id=uuid7(),
            )
            for _ in numbers
        ]
    )  # fmt: skip
    Erasure.objects.bulk_create([Erasure(customer_id=uuid7(), requested_by="x") for _ in numbers])
    endpoints = [WebhookEndpoint(partner="acme", url=f"https://hooks.example/{i}", events=["OrderCreated"]) for i in numbers]
    WebhookEndpoint.objects.bulk_create(endpoints)
    WebhookSending.objects.bulk_create(
        [WebhookSending(endpoint=one, message_id=one.id, event="OrderCreated", body="{}", next_at=now()) for one in endpoints]
    )
    DenyWord.objects.bulk_create(
        [DenyWord(id=uuid7(), word=f"w{i}", category="abuse", severity="queue", added_by="x") for i in numbers]
    )
    SearchGeneration.objects.bulk_create([SearchGeneration(half=1, status="CLEARED", config="english") for _ in numbers])
    half = SearchGeneration.objects.get_or_create(status="LIVE", defaults={"half": 1, "config": "english"})[0].half
    SearchDocument.objects.bulk_create(
        [
            SearchDocument(
                product_id=one.id, half=half, sequence=1, version=1, sku=one.sku, name=one.name, description="", category="",
                price=1, currency="EUR", status="ACTIVE", rating=0, reviews=0, changed_at=now(), indexed_at=now(), name_words=1,
                head="", words="",
            )
            for one in products
        ]
    )  # fmt: skip
    reviews = [
        Review(
            id=uuid7(), product_id=product.id, customer_id=customer.id, rating=1 + i % 5, body="Works", state="QUEUED",
            waiting_since="2020-01-01T00:00Z",
        )
        for i, (product, customer) in enumerate(zip(products, customers, strict=True))
    ]  # fmt: skip
    Review.objects.bulk_create(reviews)
    ModerationDecision.objects.bulk_create(
        [
            ModerationDecision(
                review=one,
                verdict="QUEUE",
                state_before="SUBMITTED",
                state_after="QUEUED",
                signals=[],
                by_person=True,
                decided_by="x",
            )
            for one in reviews
        ]
    )
    OperatorAction.objects.bulk_create(
        [OperatorAction(actor="staff:x", verb="v", target_type="t", target_id=str(i), reason="r") for i in numbers]
    )


def wanted(session: CheckoutSession) -> str:
    """What a change of its order asks for."""
    return OrderAmendmentRequested(
        change_id=session.id, order_id=session.order_id, items=[], previous_items=[], payment_id=uuid7(), difference=100,
        currency="EUR", requested_at=now(),
    ).payload()  # fmt: skip


def gather() -> None:
    """Whatever hung on fifty rows, one each, hangs on the first of them."""
    order, session = Order.objects.order_by("pk")[0], CheckoutSession.objects.order_by("pk")[0]
    OrderHold.objects.update(order=order, released_at=now(), released_by="x", resolution="fine")
    CheckoutAttempt.objects.update(record=session)
    Message.objects.update(correlation_id=session.correlation_id, key=str(session.pk))
    Order.objects.update(customer_id=session.customer_id)
    AmendmentRun.objects.update(order_id=order.pk)
    product, customer = Product.objects.order_by("pk")[0], CustomerProfile.objects.order_by("pk")[0]
    Review.objects.update(customer_id=customer.pk)
    hanging: Any = {
        Refund: "payment", CartItem: "cart", ReservationLine: "reservation", ModerationDecision: "review",
        PromotionUse: "promotion", WebhookSending: "endpoint",
    }  # fmt: skip
    for model, parent in hanging.items():
        rows = model._default_manager
        first = model._meta.get_field(parent).related_model._default_manager.order_by("pk")[0]
        rows.update(**{parent: first})
    # The audit trail takes no update; what is on record about the product comes on top.
    did = {"actor": "staff:x", "verb": "v", "reason": "r"}
    target = {"target_type": "catalog.product", "target_id": str(product.pk)}
    OperatorAction.objects.bulk_create([OperatorAction(**did, **target) for _ in range(50)])
    row = {"table_name": "catalog_product", "object_id": str(product.pk), "operation": "update", "transaction_id": 1}
    ObjectChange.objects.bulk_create([ObjectChange(**did, **row, before={"price": 1}, after={"price": 2}) for _ in range(50)])


def statements(client: Client, address: str, data: dict[str, str]) -> tuple[int, Any]:
    """How many, and what they drew."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address, data)
    assert answer.status_code == 200, address
    return len(asked), answer


def all_of(screen: OpsModelAdmin) -> dict[str, str]:
    """The view of a list that shows every row."""
    return {"tab": "all"} if any(tab.name == "all" for tab in screen.tabs) else {}


def test_fifty_rows_cost_as_many_statements_as_five(admin: Client) -> None:
    with transaction.atomic():
        fill_tables(5)
        few = {screen: statements(admin, screen.list_url(), all_of(screen))[0] for screen in SCREENS}
        transaction.set_rollback(True)
    fill_tables(50)
    for screen in SCREENS:
        many, page = statements(admin, screen.list_url(), all_of(screen))
        assert len(page.context["cl"].result_list) == 50, f"{screen}: make rows for it in fill_tables"
        assert many <= few[screen], screen
        assert many <= MOST_STATEMENTS, screen


def test_a_page_with_fifty_of_everything_costs_what_one_with_one_costs(admin: Client) -> None:
    fill_tables(50)
    pages = {screen: screen.url_of(screen.model._default_manager.order_by("pk")[0].pk) for screen in SCREENS}
    one = {screen: statements(admin, page, {})[0] for screen, page in pages.items()}
    gather()
    for screen, page in pages.items():
        fifty, _ = statements(admin, page, {})
        assert fifty <= one[screen] + 1, screen
        assert fifty <= MOST_ON_A_PAGE, screen


def found(client: Client, model: Any, term: object, **more: str) -> set[Any]:
    answer = client.get(screen_of(model).list_url(), {"q": str(term), **more})
    assert answer.status_code == 200
    return {row.pk for row in answer.context["cl"].result_list}


def test_a_checkout_is_found_by_everything_it_is_known_by(admin: Client, shop: Shop) -> None:
    paid = shop.session("paid")
    order = Order.objects.get(pk=paid.order_id)
    email = CustomerProfile.objects.get(pk=paid.customer_id).email
    terms = (paid.pk, paid.cart_id, paid.order_id, paid.payment_id, paid.reservation_id, paid.customer_id)
    for term in (*terms, str(paid.pk).upper(), f"  {paid.pk} ", order.confirmation_number, email, email.upper(), email[:4]):
        assert paid.pk in found(admin, CheckoutSession, term), term
    assert found(admin, CheckoutSession, email) == {paid.pk}
    for term in (UUID(int=1), "nobody@example.com", "ORD-00000000", "x", "%", "_", "' OR 1=1 --"):
        assert found(admin, CheckoutSession, term) == set(), term


def test_a_search_by_id_asks_no_other_table_and_one_by_mail_only_customers(admin: Client, shop: Shop) -> None:
    paid = shop.session("paid")
    with CaptureQueriesContext(connection) as asked:
        found(admin, CheckoutSession, paid.order_id)
    assert not [query for query in asked.captured_queries if "email_key" in query["sql"] or " LIKE " in query["sql"]]


def test_orders_payments_stock_and_messages_are_found(admin: Client, shop: Shop) -> None:
    order = Order.objects.get(pk=shop.session("paid").order_id)
    payment = Payment.objects.get(pk=order.payment_id)
    number = order.confirmation_number
    for term in (number, number.lower(), number.removeprefix("ORD-"), order.pk, order.payment_id, order.checkout_session_id):
        assert found(admin, Order, term) == {order.pk}, term
    for term in (payment.pk, order.pk, number, payment.intent_id):
        assert found(admin, Payment, term) == {payment.pk}, term
    cup = shop.products["CUP-BLUE"]
    for term in (cup, "CUP-BLUE", "Cup, blue", "cup"):
        assert found(admin, StockItem, term) == {cup}, term
    chain = {one.pk for one in Message.objects.filter(correlation_id=order.checkout_session_id)}
    assert chain <= found(admin, Message, order.checkout_session_id)
    assert found(admin, Message, "CheckoutAborted") == set(
        Message.objects.filter(name="CheckoutAborted").values_list("pk", flat=True)
    )
    dead = Delivery.objects.filter(status="dead").latest("id")
    assert dead.pk in found(admin, Delivery, dead.message_id)
    assert found(admin, Delivery, dead.pk) == {dead.pk}


def test_everything_in_one_search(admin: Client, shop: Shop) -> None:
    paid = shop.session("paid")
    answer = admin.get("/admin/find/", {"q": str(paid.order_id)})
    kinds = {one.kind for one in answer.context["found"]}
    assert {"Checkout session", "Order", "Payment", "Reservation"} <= kinds
    palette = admin.get("/admin/search/", {"s": str(paid.order_id), "extended": "1"}).content.decode()
    assert Order.objects.get(pk=paid.order_id).confirmation_number in palette


def test_the_palette_keeps_no_old_answers(admin: Client) -> None:
    def asked() -> str:
        return admin.get("/admin/search/", {"s": "n3@example.com", "extended": "1"}).content.decode()

    assert "/admin/shop/customerprofile/0" not in asked()
    fill_tables(5)
    assert "/admin/shop/customerprofile/0" in asked()


def test_the_cause_narrows_the_list(admin: Client, shop: Shop) -> None:
    page = admin.get(screen_of(CheckoutSession).list_url(), {"cause": "c0ffee5ea5edbeef"})
    assert {row.pk for row in page.context["cl"].result_list} == {
        shop.sessions[name] for name in ("stuck-1", "stuck-2", "stuck-3")
    }
    assert [cause.count for cause, _ in page.context["causes"]] == [3]


def test_paid_without_an_order_is_a_list_of_its_own(admin: Client, shop: Shop) -> None:
    page = admin.get(screen_of(CheckoutSession).list_url(), {"tab": "paid"})
    parked = {shop.sessions[name] for name in ("stuck-1", "stuck-2", "stuck-3")}
    assert {row.pk for row in page.context["cl"].result_list} == parked


def test_nothing_is_counted_beyond_what_anybody_would_page() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert CappedPaginator(Message.objects.order_by("-id"), 50).count <= 10_000
    assert "LIMIT 10001" in asked.captured_queries[0]["sql"]
