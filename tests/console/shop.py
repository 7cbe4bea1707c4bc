"""A small shop in every state an operator meets, made by the commands and handlers that make it in earnest."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import override_settings
from PIL import Image

from catalog.uploads.keeping import keep
from config.sandbox import Sandbox
from fulfilment.shipping.models import Shipment
from fulfilment.warehouse.models import PickingJob
from ordering.checkout.models import CheckoutSession
from ordering.checkout.saga import Checkout
from ordering.orders.models import Order
from shop.contracts.categories import CreateCategory, GetCategories, MoveCategory
from shop.contracts.feeds import StartProductImport
from shop.contracts.fulfilment import (
    AdjustStock,
    PackOrder,
    PickAllLines,
    PickLine,
    ReceiveStock,
    RecountStock,
    SetLowStockThreshold,
    StartPicking,
)
from shop.contracts.ordering import PlaceOrderHold, ReleaseOrder
from shop.contracts.products import AddProductImage, AddVariant, Characteristic, CreateProduct, EnrichProducts
from shop.contracts.promotions import ActivatePromotion, CreatePromotion
from shop.messaging.bus import ask, execute, unit_of_work
from shop.messaging.context import acting
from shop.messaging.doorbell import listening
from shop.messaging.saga import operations
from shop.messaging.saga.deadlines import act_on_deadlines
from shop.messaging.sets import fetch_rows
from tests.carts import carts
from tests.mail import deliver_all

CREATE_ORDER = "ordering.orders.create_order"
GOODS = (
    ("CUP-BLUE", "Cup, blue glaze", 1_450, "Tableware", 60),
    ("POT-IRON", "Teapot, cast iron", 8_900, "Tableware", 12),
    ("LAMP-OAK", "Desk lamp, oak", 12_900, "Lighting", 8),
    ("RUG-WOOL", "Rug, hand-woven wool", 34_500, "Textiles", 3),
    ("BOOK-SEA", "The Sea Around Us", 1_890, "Books", 120),
)
IMPORT_ERROR = "OperationalError: could not connect to the address service (10.0.4.17:443): connection refused"


@dataclass
class Shop:
    """What was made, by what it shows."""

    products: dict[str, UUID] = field(default_factory=dict)
    customers: list[UUID] = field(default_factory=list)
    sessions: dict[str, UUID] = field(default_factory=dict)
    feed: UUID | None = None

    def session(self, name: str) -> CheckoutSession:
        """One of the checkouts."""
        return CheckoutSession.objects.get(pk=self.sessions[name])


@contextmanager
def providers(sandbox: Sandbox) -> Iterator[None]:
    """Settings that point at a running sandbox, with short patience."""
    with override_settings(
        STRIPE_API_BASE=sandbox.urls["stripe"],
        FRAUD_API_BASE=sandbox.urls["fraud"],
        CARRIER_API_BASE=sandbox.urls["carrier"],
        OUTSIDE_CONNECT_TIMEOUT_SECONDS=0.5,
        OUTSIDE_TOTAL_TIMEOUT_SECONDS=2.0,
    ):
        yield


def work(*, without: str = "", only: Collection[str] = ()) -> None:
    """Deliver mail as workers do until all is quiet; ``without`` names a subscriber that is not running."""
    with listening():
        deliver_all(only=only, but={without})


def stock_the_shelves(shop: Shop) -> None:
    """Products, stock with a ledger worth reading, and two promotions."""
    with acting("staff:mira"):
        for sku, name, price, category, quantity in GOODS:
            made = execute(CreateProduct(sku=sku, name=name, price=price, currency="EUR", category=category, status="ACTIVE"))
            shop.products[sku] = made.product_id
            execute(ReceiveStock(product_id=made.product_id, quantity=quantity, reference=f"DN-{sku}", reason="first delivery"))
            execute(SetLowStockThreshold(product_id=made.product_id, threshold=5))
        cup = shop.products["CUP-BLUE"]
        execute(AdjustStock(product_id=cup, delta=-3, reason="three broken in transit"))
        execute(RecountStock(product_id=cup, counted=58, reason="monthly count"))
        spring = execute(CreatePromotion(name="Spring", discount_kind="PERCENTAGE", value=1_000, code="SPRING"))
        execute(ActivatePromotion(promotion_id=spring.promotion_id))
        execute(CreatePromotion(name="Five off", discount_kind="FIXED_AMOUNT", value=500, currency="EUR", code="FIVE"))


FEED = """sku,name,price,currency,category,status
CUP-BLUE,"Cup, blue glaze",15.50,EUR,,
CUP-SAGE,"Cup, sage glaze",14.50,EUR,Tableware,ACTIVE
LAMP-OAK,"Desk lamp, oak",119.00,EUR,Lamps,
POT-IRON,"Teapot, cast iron",eighty,EUR,,
RUG-WOOL,"Rug, hand-woven wool",345.00,EUR,,
"""


def extend_the_range(shop: Shop) -> None:
    """A variant, a picture and a place in the tree for one product, and a feed that waits to be confirmed."""
    with acting("staff:mira"):
        lamp = shop.products["LAMP-OAK"]
        options = [Characteristic(name="shade", value="sage")]
        execute(AddVariant(product_id=lamp, sku="LAMP-OAK-SAGE", options=options, price_difference=500, status="ACTIVE"))
        home = execute(CreateCategory(name="Home"))
        lighting = next(each for each in ask(GetCategories()).categories if each.name == "Lighting")
        execute(MoveCategory(category_id=lighting.category_id, parent_id=home.category_id))
        packed = BytesIO()
        Image.new("RGB", (800, 600), (150, 110, 60)).save(packed, "JPEG")
        picture = keep(BytesIO(packed.getvalue()).read, "lamp.jpg")
        execute(AddProductImage(product_id=lamp, upload_id=picture.upload_id, alternative_text="A desk lamp"))
        execute(EnrichProducts())
        feed = keep(BytesIO(FEED.encode()).read, "autumn.csv")
        shop.feed = execute(StartProductImport(upload_id=feed.upload_id)).import_id


def check_out(shop: Shop, name: str, *contents: tuple[str, int], card: str = "pm_card_visa", **given: Any) -> UUID:
    """Somebody new fills a cart and checks it out; the session's id under ``name``."""
    customer = carts.customer()
    carts.with_address(customer, f"{len(shop.customers) + 1} High Street")
    shop.customers.append(customer)
    cart = carts.cart(*((shop.products[sku], quantity) for sku, quantity in contents))
    accepted = carts.check_out(cart.cart_id, customer, payment_method_id=card, **given)
    shop.sessions[name] = accepted.checkout_session_id
    return accepted.checkout_session_id


def let_patience_end(*names: UUID) -> None:
    """The deadlines of these checkouts pass, as often as it takes to be parked."""
    for _ in range(3):
        CheckoutSession.objects.filter(pk__in=names).update(due_at=database_now())
        act_on_deadlines(Checkout)


def database_now() -> Any:
    """The database's clock."""
    return fetch_rows("SELECT now()")[0][0]


def park(shop: Shop, *names: str) -> None:
    """These checkouts are paid, but creating their orders fails until they are parked for a person."""
    ids = [shop.sessions[name] for name in names]
    work(without=CREATE_ORDER)
    let_patience_end(*ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE messaging_delivery SET status = 'dead', attempts = 5, error = %s, fingerprint = 'c0ffee5ea5edbeef'
               WHERE subscriber = %s AND status = 'open'""",
            [IMPORT_ERROR, CREATE_ORDER],
        )
        cursor.execute(
            "UPDATE ordering_checkoutsession SET error = %s, fingerprint = 'c0ffee5ea5edbeef' WHERE id = ANY(%s)",
            [IMPORT_ERROR, ids],
        )


def _tomorrow() -> Any:
    return fetch_rows("SELECT now() + interval '1 day'")[0][0]


def fill(shop: Shop) -> None:
    """Completed, declined, refused, held, parked and waiting checkouts; needs the providers."""
    stock_the_shelves(shop)
    extend_the_range(shop)
    check_out(shop, "stuck-1", ("LAMP-OAK", 1), ("CUP-BLUE", 2))
    check_out(shop, "stuck-2", ("CUP-BLUE", 4))
    check_out(shop, "stuck-3", ("BOOK-SEA", 2))
    park(shop, "stuck-1", "stuck-2", "stuck-3")
    check_out(shop, "paid", ("CUP-BLUE", 6), ("POT-IRON", 1), promotion_code="SPRING")
    check_out(shop, "paid-too", ("BOOK-SEA", 3))
    check_out(shop, "declined", ("LAMP-OAK", 2), card="pm_card_chargeDeclined")
    check_out(shop, "sold-out", ("RUG-WOOL", 9))
    work()
    order = Order.objects.get(pk=shop.session("paid-too").order_id)
    with acting("staff:theo", order.checkout_session_id), unit_of_work():
        execute(PlaceOrderHold(order_id=order.pk, reason="ADDRESS_VERIFICATION", owner_team="support", review_by=_tomorrow()))
    check_out(shop, "waiting", ("POT-IRON", 2))
    check_out(shop, "open-mail", ("BOOK-SEA", 1))
    work(only={Checkout.subscriber_name()})
    with acting("staff:theo"):
        operations.retry(Checkout, shop.sessions["waiting"], reason="customer is on the phone")
    low = shop.products["RUG-WOOL"]
    execute(AdjustStock(product_id=low, delta=-1, reason="moth damage"))


def dispatch(shop: Shop) -> tuple[PickingJob, Shipment]:
    """One order is being picked and something is missing; the other is at the carrier."""
    with acting("staff:mira"):
        for name in ("paid", "gone-out"):
            if name not in shop.sessions:
                check_out(shop, name, ("CUP-BLUE", 3), ("BOOK-SEA", 1))
                work()
            execute(ReleaseOrder(order_id=shop.session(name).order_id))
        work()
        short, sent = (PickingJob.objects.get(order_id=shop.session(name).order_id) for name in ("paid", "gone-out"))
        for job in (short, sent):
            execute(StartPicking(picking_job_id=job.pk))
        execute(PickLine(picking_job_id=short.pk, position=1, picked=4, missing=2))
        execute(PickAllLines(picking_job_id=sent.pk))
        execute(PackOrder(picking_job_id=sent.pk, parcel_count=2))
    work()
    return PickingJob.objects.get(pk=short.pk), Shipment.objects.get(picking_job_id=sent.pk)
