"""One customer's whole journey, with personal data that cannot be mistaken: afterwards we look where it has gone."""

import base64
import json
import logging

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client

from config.sandbox import SandboxControl
from ordering.orders.models import Order
from shop.contracts.fulfilment.inventory import ReceiveStock
from shop.messaging.bus import execute
from tests.catalog.products import product
from tests.http.calls import bearer, post, send
from tests.journeys.shop import deliver

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "canary-password-hunter2"
PLACE = "203.0.113.77"
PERSON = {"email": "canary.mail@example.com", "name": "Canaria Surname"}
ADDRESS = {
    "recipientName": "Canaria Surname",
    "line1": "77 Canary Wharf",
    "line2": "canary floor",
    "city": "Canaryton",
    "postalCode": "1077-777",
    "countryCode": "PT",
}
# Everything that says who the customer is; the country and the ids do not.
PERSONAL = sorted({*PERSON.values(), *ADDRESS.values()} - {"PT"})

OWNERS_TABLES = {
    ("shop_customerprofile", "email"),
    ("shop_customerprofile", "email_key"),
    ("shop_customerprofile", "name"),
    ("shop_customeraddress", "recipient_name"),
    ("shop_customeraddress", "line1"),
    ("shop_customeraddress", "line2"),
    ("shop_customeraddress", "city"),
    ("shop_customeraddress", "postal_code"),
}
# An order keeps where it goes, and its checkout the cart it started from.
COPIES = {("ordering_order", "delivery_address"), ("ordering_checkoutsession", "opening")}
# Contracts whose published fields are personal. Nothing else in the mailbox is about anybody.
LETTERS = {
    "AddCustomerAddress",
    "AuthenticateCustomer",
    "CartCheckedOut",
    "CreateOrder",
    "CustomerRegistered",
    "RegisterCustomer",
}

WHERE = "SELECT DISTINCT c.key FROM {table} t, jsonb_each_text(to_jsonb(t)) c WHERE strpos(lower(c.value), lower(%s)) > 0"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def places_of(text: str) -> set[tuple[str, str]]:
    """The tables and columns in which this text stands."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        found = set()
        for table in tables:
            cursor.execute(WHERE.format(table=table), [text])
            found |= {(table, column) for (column,) in cursor.fetchall()}
    return found


def letters_with(text: str) -> set[str]:
    """The names of the messages in which this text stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT name FROM messaging_message WHERE strpos(lower(payload::text), lower(%s)) > 0", [text])
        return {name for (name,) in cursor.fetchall()}


def everything_in_redis() -> str:
    """Keys and values of this test's Redis, Celery's envelopes opened."""
    said = []
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as client:
        for key in client.scan_iter():
            kind = client.type(key)
            values = client.lrange(key, 0, -1) if kind == "list" else [client.get(key)] if kind == "string" else []
            said += [key, *map(str, values), *(_opened(value) for value in values)]
    return "\n".join(said)


def _opened(value: str) -> str:
    try:
        return base64.b64decode(json.loads(value)["body"]).decode()
    except (ValueError, KeyError, TypeError):
        return ""


@pytest.fixture
def journey(client: Client, provider: SandboxControl, caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """Register, fail to log in, log in, write an address down, fail to write one, check out, get an order. What was logged,
    what the provider knows, and the token."""
    caplog.set_level(logging.INFO)
    client.defaults["REMOTE_ADDR"] = PLACE
    ada = post(client, "/customers", {**PERSON, "password": PASSWORD}).json()["customerId"]
    assert post(client, "/customers", {**PERSON, "password": PASSWORD}).status_code == 409
    assert post(client, "/oauth/token", {"email": PERSON["email"], "password": f"not {PASSWORD}"}).status_code == 401
    token = post(client, "/oauth/token", {"email": PERSON["email"], "password": PASSWORD}).json()["accessToken"]
    book = f"/customers/{ada}/addresses"
    assert post(client, book, {"address": ADDRESS}, **bearer(token)).status_code == 201
    assert post(client, book, {"address": ADDRESS | {"countryCode": ADDRESS["city"]}}, **bearer(token)).status_code == 400
    assert send(client, "GET", f"/orders?customerId={PERSON['email']}", **bearer(token)).status_code < 500
    lamp = product()
    execute(ReceiveStock(product_id=lamp.product_id, quantity=5))
    cart = post(client, "/carts", {}, **bearer(token)).json()["cartId"]
    post(client, f"/carts/{cart}/items", {"productId": str(lamp.product_id), "quantity": 1})
    accepted = post(client, f"/carts/{cart}/checkout", {"customerId": ada}, Idempotency_Key="canary-key-1", **bearer(token))
    assert accepted.status_code == 200
    deliver()
    assert Order.objects.get().lifecycle_status == "AWAITING_FULFILMENT"
    client.defaults["REMOTE_ADDR"] = "127.0.0.1"
    return {
        "log": "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records),
        "provider": json.dumps(provider.ledger("stripe")),
        "metrics": client.get("/metrics").text,
        "token": token,
    }


def test_what_says_who_a_customer_is_stays_where_it_belongs(journey: dict[str, str]) -> None:
    found = {place for text in PERSONAL for place in places_of(text)}
    assert found - {("messaging_message", "payload")} == OWNERS_TABLES | COPIES
    assert {name for text in PERSONAL for name in letters_with(text)} == LETTERS


def test_neither_logs_nor_metrics_nor_redis_nor_the_provider_name_anybody(journey: dict[str, str]) -> None:
    assert "request_finished" in journey["log"]
    assert "bell:" in everything_in_redis()
    seen = "\n".join([journey["log"], journey["provider"], journey["metrics"], everything_in_redis()]).lower()
    assert [text for text in [*PERSONAL, PASSWORD, PLACE, journey["token"]] if text.lower() in seen] == []


def test_a_password_and_a_token_are_kept_nowhere(journey: dict[str, str]) -> None:
    assert places_of(PASSWORD) == set()
    assert places_of(journey["token"]) == set()


def test_where_somebody_logged_in_from_is_known_to_the_login_only(journey: dict[str, str]) -> None:
    assert places_of(PLACE) == {("shop_authenticationsession", "ip_address"), ("messaging_message", "payload")}
    assert letters_with(PLACE) == {"CustomerAuthenticated"}
