"""A customer with personal data that cannot be mistaken is erased: afterwards no column of the database holds any of it."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from uuid_utils.compat import uuid7

from config.sandbox import SandboxControl
from fulfilment.shipping.models import CarrierWebhook, Shipment
from fulfilment.warehouse.models import PickingJob
from ordering.checkout.models import CheckoutSession
from ordering.orders.models import Order, OrderAdjustment
from ordering.orders.states import AdjustmentKind
from payments.models import PaymentAuthorization, WebhookEvent
from shop.contracts.accounts import AssignSegment, PlaceLegalHold
from shop.contracts.fulfilment.inventory import ReceiveStock
from shop.contracts.messaging import RedactMessages
from shop.contracts.personal_data import EraseCustomer
from shop.customers.models import AuthenticationSession, CustomerAddress, CustomerProfile, Erasure, SegmentMember
from shop.http.models import IdempotencyKey
from shop.messaging.audit import record_action
from shop.messaging.bus import execute, unit_of_work
from shop.messaging.context import acting
from shop.messaging.errors import Refused
from shop.messaging.invariants import run_all
from shop.messaging.models import Message, ObjectChange, OperatorAction
from shop.messaging.routing import switchboard
from tests.catalog.products import product
from tests.customers.people import Person, customer
from tests.http.calls import PASSWORD, bearer, log_in, post, register, send
from tests.http.endpoints import service_token
from tests.journeys.shop import deliver

pytestmark = pytest.mark.django_db(transaction=True)

PERSON = {"email": "canary.mail@example.com", "name": "Canaria Surname"}
PLACE = "203.0.113.77"
BOOK = {
    "recipientName": "Canaria Recipient",
    "line1": "77 Canary Wharf",
    "line2": "canary floor",
    "city": "Canaryton",
    "postalCode": "1077-777",
    "countryCode": "PT",
}
GIVEN = {key: f"{value} checkout" for key, value in BOOK.items() if key not in ("countryCode", "postalCode")}
GIVEN |= {"countryCode": "PT", "postalCode": "1099-999"}
CANARIES = sorted(
    {*PERSON.values(), *BOOK.values(), *GIVEN.values(), PLACE, "canary.new@example.com", "canary.newer@example.com"} - {"PT"}
)

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
WHERE = "SELECT DISTINCT c.key FROM {table} t, jsonb_each_text(to_jsonb(t)) c WHERE strpos(lower(c.value), lower(%s)) > 0"
BYTES = "SELECT count(*) FROM payments_webhookevent WHERE position(convert_to(%s, 'UTF8') IN body) > 0"


def places_of(text: str) -> set[tuple[str, str]]:
    """The tables and columns of any type in which this text stands."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        found = set()
        for table in [name for (name,) in cursor.fetchall()]:
            cursor.execute(WHERE.format(table=table), [text])
            found |= {(table, column) for (column,) in cursor.fetchall()}
        cursor.execute(BYTES, [text])
        return found | ({("payments_webhookevent", "body")} if cursor.fetchone()[0] else set())


def bought(client: Client, person: Person, **more: Any) -> UUID:
    """Somebody's whole way to an order; its id."""
    lamp = product()
    execute(ReceiveStock(product_id=lamp.product_id, quantity=5))
    cart = person.send("POST", "/carts", {}, Idempotency_Key=f"cart-{uuid4()}").json()["cartId"]
    post(client, f"/carts/{cart}/items", {"productId": str(lamp.product_id), "quantity": 1})
    answer = person.send(
        "POST", f"/carts/{cart}/checkout", {"customerId": person.id, **more}, Idempotency_Key=f"checkout-{uuid4()}"
    )
    assert answer.status_code == 200, answer.json()
    deliver()
    return Order.objects.get(cart_id=cart).pk


def end(*orders: UUID) -> None:
    """The customer has the goods."""
    rows = Order.objects.filter(pk__in=orders)
    rows.update(lifecycle_status="COMPLETED", terminal_status="COMPLETED", ended_at=Now())


@pytest.fixture
def canary(client: Client, provider: SandboxControl) -> Person:
    """Somebody who has done everything that leaves traces."""
    client.defaults["REMOTE_ADDR"] = PLACE
    made = post(client, "/customers", {**PERSON, "password": PASSWORD}, Idempotency_Key="register-1").json()
    person = Person(client, made["customerId"], PERSON["email"], log_in(client, PERSON["email"]))
    assert person.send("POST", f"{person.path}/addresses", {"address": BOOK}, Idempotency_Key="book-1").status_code == 201
    person.send("PATCH", person.path, {"name": PERSON["name"] + " II"})
    person.send("PATCH", person.path, {"name": PERSON["name"]})
    for email in ("canary.new@example.com", "canary.newer@example.com"):
        assert person.send("POST", f"{person.path}/email", {"email": email, "password": PASSWORD}).status_code == 202
    assert post(client, "/password-resets", {"email": PERSON["email"]}).status_code == 204
    execute(AssignSegment(customer_id=UUID(person.id), segment="VIP"))
    with acting("staff:mia"), unit_of_work():
        record_action(
            verb="edit",
            target_type="shop.customerprofile",
            target_id=person.id,
            reason="Canaria Surname asked by phone for a new letter to 77 Canary Wharf",
            before={"email": PERSON["email"], "status": "ACTIVE"},
            after={"address": BOOK},
        )
    end(bought(client, person), bought(client, person, deliveryAddress=GIVEN))
    client.defaults["REMOTE_ADDR"] = "127.0.0.1"
    return person


def test_afterwards_nothing_says_who_it_was(client: Client, canary: Person) -> None:
    # A token that a newer one has replaced is taken out of its message with the address it went to.
    assert [text for text in CANARIES if not places_of(text)] == ["canary.new@example.com"]
    assert ("messaging_objectchange", "before") in places_of(PERSON["name"])
    before = Order.objects.values_list("id", "total", "currency", "confirmation_number").order_by("id")
    kept = list(before)
    books = Message.objects.count()

    answer = canary.send("POST", f"{canary.path}/erasure", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["status"]) == (202, "ERASING")
    deliver()

    assert {text: places for text in CANARIES if (places := places_of(text))} == {}
    assert list(before) == kept
    assert {order.delivery_address["countryCode"] for order in Order.objects.all()} == {"PT"}
    assert Message.objects.count() > books
    assert not CustomerAddress.objects.exists()
    assert not SegmentMember.objects.exists()
    assert not AuthenticationSession.objects.exists()
    assert not IdempotencyKey.objects.filter(body__contains=canary.id).exists()
    ended_by_hand = {str(order.pk) for order in Order.objects.all()}
    assert [found for found in run_all(switchboard().all_invariants()) if found.subject not in ended_by_hand] == []


def test_what_was_redacted_can_still_be_read(client: Client, canary: Person) -> None:
    execute(EraseCustomer(customer_id=UUID(canary.id), reason="asked for it"))
    deliver()
    registered = Message.objects.get(name="CustomerRegistered").payload["customer"]
    assert (registered["email"], registered["name"]) == ("erased@erased.invalid", "erased")
    opened = [json.loads(opening) for opening in CheckoutSession.objects.values_list("opening", flat=True)]
    assert {each["deliveryAddress"]["line1"] for each in opened} == {"erased"}
    action = OperatorAction.objects.get(actor="staff:mia")
    assert action.reason == "erased asked by phone for a new letter to erased"
    assert (action.before["status"], action.before["email"]) == ("ACTIVE", "erased")
    told = OperatorAction.objects.filter(verb="redact", target_id=canary.id)
    assert sum(row.after["messages"] for row in told) > 5


def test_the_token_dies_the_address_is_free_and_a_repeat_says_how_far_it_is(client: Client, canary: Person) -> None:
    erasing = canary.send("POST", f"{canary.path}/erasure", {"password": PASSWORD})
    assert canary.get(canary.path).status_code == 401
    assert post(client, "/oauth/token", {"email": PERSON["email"], "password": PASSWORD}).status_code == 401
    operator = service_token("customers:write")
    assert client.get(canary.path, headers=operator).status_code == 404
    deliver()
    again = send(client, "POST", f"{canary.path}/erasure", {"reason": "twice"}, **operator)
    assert (again.status_code, again.json()) == (202, {**erasing.json(), "status": "ERASED"})
    assert Erasure.objects.count() == 1
    assert register(client, PERSON["email"])["customerId"] != canary.id


def test_nobody_else_loses_anything(client: Client, canary: Person) -> None:
    """Not even one whose requests came in the same chain."""
    client.defaults["HTTP_X_CORRELATION_ID"] = str(uuid4())
    other = customer(client, "bystander@example.com")
    other.add_address()
    canary.send("PATCH", canary.path, {"name": "Canaria Third"})
    before = {text: places_of(text) for text in ("bystander@example.com", "1 Main St")}
    execute(EraseCustomer(customer_id=UUID(canary.id), reason="asked for it"))
    deliver()
    assert {text: places_of(text) for text in before} == before
    assert before["1 Main St"] == {
        ("shop_customeraddress", "line1"),
        ("messaging_message", "payload"),
    }
    assert places_of("Canaria Third") == set()


def test_an_erasure_waits_for_what_is_under_way(client: Client, provider: SandboxControl) -> None:
    person = customer(client)
    order = bought(client, person, deliveryAddress=GIVEN)
    answer = person.send("POST", f"{person.path}/erasure", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "open_business")
    assert answer.json()["data"]["orderIds"] == [str(order)]
    end(order)
    lamp = product()
    cart = person.send("POST", "/carts", {}).json()["cartId"]
    post(client, f"/carts/{cart}/items", {"productId": str(lamp.product_id), "quantity": 1})
    session = person.send("POST", f"/carts/{cart}/checkout", {"customerId": person.id}).json()["checkoutSessionId"]
    answer = person.send("POST", f"{person.path}/erasure", {"password": PASSWORD})
    assert answer.json()["data"]["checkoutSessionIds"] == [session]
    assert CustomerProfile.objects.count() == 1
    deliver()
    assert person.send("POST", f"{person.path}/erasure", {"password": PASSWORD}).status_code == 202


def test_a_legal_hold_keeps_everything(client: Client) -> None:
    person = customer(client)
    execute(PlaceLegalHold(customer_id=UUID(person.id), reason="lawsuit"))
    answer = person.send("POST", f"{person.path}/erasure", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "legal_hold")
    with pytest.raises(Refused):
        execute(EraseCustomer(customer_id=UUID(person.id), reason="asked for it"))
    deliver()
    assert person.get(person.path).json()["email"] == person.email


def test_an_order_that_is_evidence_stays_as_it_is(client: Client, canary: Person) -> None:
    kept, gone = Order.objects.order_by("pk")
    Order.objects.filter(pk=kept.pk).update(legal_hold=True)
    for order in (kept, gone):
        OrderAdjustment.objects.create(
            id=uuid7(), order_id=order.pk, kind=AdjustmentKind.values[0], status="APPLIED", changes={"deliveryAddress": GIVEN},
            quantities=[], changed_fields=["deliveryAddress"], previous_total=0, subtotal=0, discount=0, requested_by="x",
            requested_at=order.created_at, closed_at=order.created_at,
        )  # fmt: skip
    execute(EraseCustomer(customer_id=UUID(canary.id), reason="asked for it"))
    deliver()
    addresses = dict(Order.objects.values_list("pk", "delivery_address"))
    assert addresses[kept.pk] == kept.delivery_address
    assert addresses[gone.pk]["line1"] == "erased"
    changes = dict(OrderAdjustment.objects.values_list("order_id", "changes"))
    assert changes == {kept.pk: {"deliveryAddress": GIVEN}, gone.pk: {"deliveryAddress": "erased"}}


def test_a_redaction_goes_on_where_it_stopped(client: Client) -> None:
    person = customer(client)
    for number in range(6):
        person.send("PATCH", person.path, {"name": f"Resumia {number}"})
    with unit_of_work() as unit:
        unit.add(RedactMessages(customer_id=UUID(person.id), keys=[person.id], reason="test", limit=2))
    deliver()
    assert places_of("Resumia 0") == places_of("Resumia 3") == set()
    assert places_of("Resumia 5") == {("shop_customerprofile", "name")}
    assert Message.objects.filter(name="RedactMessages").count() > 4
    (done,) = OperatorAction.objects.filter(verb="redact")
    assert done.after["messages"] == Message.objects.filter(payload__icontains="erased").count()


@pytest.mark.parametrize("body", [{}, {"password": "wrong"}, {"password": ["x"]}, {"password": "\x00"}, {"reason": "x"}])
def test_a_customer_proves_it_with_the_password(client: Client, body: dict[str, Any]) -> None:
    person = customer(client)
    assert person.send("POST", f"{person.path}/erasure", body).status_code in (400, 403)
    assert person.get(person.path).status_code == 200


def test_everything_the_shop_holds_can_be_taken_away(client: Client, canary: Person) -> None:
    answer = canary.get(f"{canary.path}/personal-data")
    assert answer.status_code == 200
    data = answer.json()
    assert set(data) == {
        "exportedAt",
        "profile",
        "addresses",
        "segments",
        "sessions",
        "carts",
        "orders",
        "promotionUses",
        "reviews",
    }
    assert data["profile"]["email"] == PERSON["email"]
    assert data["addresses"][0]["line1"] == BOOK["line1"]
    assert {order["deliveryAddress"]["line1"] for order in data["orders"]} == {BOOK["line1"], GIVEN["line1"]}
    assert [cart["status"] for cart in data["carts"]] == ["CHECKED_OUT"] * 2
    assert (data["segments"], len(data["sessions"])) == (["VIP"], 1)
    other = customer(client, "other@example.com")
    theirs = client.get(f"{canary.path}/personal-data", headers=bearer(other.token))
    assert (theirs.status_code, theirs.content) == (404, other.get(f"/customers/{uuid4()}/personal-data").content)


def test_parcels_and_inboxes_forget_too(client: Client, canary: Person) -> None:
    order = Order.objects.order_by("pk")[0]
    intent = PaymentAuthorization.objects.get(payment__order_id=order.pk).provider_intent_id
    said = {"id": intent, "billing_details": {"name": "Canaria Paid"}, "receipt_email": "canary.paid@example.com", "amount": 5}
    bystander = {"id": "pi_of_somebody_else", "receipt_email": "bystander@example.com"}
    for number, thing in enumerate((said, bystander)):
        body = json.dumps({"id": f"evt_{number}", "type": "charge.succeeded", "data": {"object": thing}}).encode()
        WebhookEvent.objects.create(id=uuid7(), provider="stripe", event_id=f"evt_{number}", type="charge.succeeded", body=body)
    job = PickingJob.objects.create(
        id=uuid7(), order_id=order.pk, customer_id=order.customer_id, confirmation_number=order.confirmation_number,
        warehouse_id="W", delivery_method="HOME_DELIVERY", priority="STANDARD", rank=1, address=BOOK,
    )  # fmt: skip
    shipment = Shipment.objects.create(
        id=uuid7(), order_id=order.pk, picking_job_id=job.pk, customer_id=order.customer_id, delivery_method="HOME_DELIVERY",
        confirmation_number=order.confirmation_number, parcel_count=1, destination=BOOK, carrier_shipment_id="shp_1",
        signed_by="Canaria Signed",
    )  # fmt: skip
    event = {
        "id": "c1",
        "type": "delivered",
        "data": {"shipmentId": "shp_1", "signedBy": "Canaria Signed", "status": "DELIVERED"},
    }
    CarrierWebhook.objects.create(id=uuid7(), event_id="c1", type="delivered", body=json.dumps(event).encode())

    with acting("staff:mia"):  # what an operator sets off is on record, and that must not say it either
        execute(EraseCustomer(customer_id=UUID(canary.id), reason="asked for it"))
    deliver()

    on_record = set(ObjectChange.objects.filter(actor="staff:mia").values_list("table_name", flat=True))
    assert {"shop_customerprofile", "ordering_order", "fulfilment_pickingjob", "fulfilment_shipment"} <= on_record
    kept = [*WebhookEvent.objects.values_list("body", flat=True), *CarrierWebhook.objects.values_list("body", flat=True)]
    bodies = b" ".join(map(bytes, kept))
    assert b"anar" not in bodies
    assert b"bystander@example.com" in bodies
    assert str(intent).encode() in bodies
    assert json.loads(bytes(WebhookEvent.objects.get(event_id="evt_0").body))["data"]["object"]["amount"] == 5
    job.refresh_from_db()
    shipment.refresh_from_db()
    assert (shipment.signed_by, shipment.place["countryCode"], shipment.place["line1"]) == ("erased", "PT", "erased")
    assert (job.address or {})["city"] == "erased"
    assert not any(places_of(text) for text in [*CANARIES, "Canaria Signed", "Canaria Paid"])
