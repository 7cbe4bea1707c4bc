"""Whoever changes a row, and however, is on record; customers who buy are not; and the record cannot be changed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from catalog.products.models import Product
from config import audited
from config.sandbox import SandboxControl
from fulfilment.inventory.models import StockItem
from ordering.orders.models import Order
from shop.contracts.fulfilment.inventory import ReceiveStock
from shop.customers.models import CustomerProfile
from shop.messaging.audit import record_action
from shop.messaging.audit_retention import prune_audit_chunk
from shop.messaging.audited import FUNCTION
from shop.messaging.bus import execute, unit_of_work
from shop.messaging.context import acting
from shop.messaging.models import ObjectChange, OperatorAction
from shop.messaging.permits import permitted
from tests.catalog.products import product
from tests.customers.people import Person, customer
from tests.http.calls import post
from tests.journeys.shop import deliver

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # so that another client sees it

BUSY = [one.table for one in audited.BUSY]


@pytest.fixture
def mia(client: Client) -> Client:
    """Signed in to the back office."""
    root = User.objects.create_superuser("mia", password=None)
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    return client


@contextmanager
def at_the_keyboard() -> Iterator[psycopg.Connection[Any]]:
    """Somebody with another client, such as psql."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"] or None, user=settings["USER"], password=settings["PASSWORD"],
        dbname=settings["NAME"], application_name="psql",
    ) as other:  # fmt: skip
        yield other


def verb(client: Client, address: str, row: Any, **given: Any) -> None:
    """What the form of a verb sends."""
    page = client.get(f"/admin/{address}/", {"ids": str(row.pk)})
    seen = [target.field for target in page.context["targets"]]
    answer = client.post(f"/admin/{address}/", {**page.context["form"].initial, "seen": seen, "reason": "because", **given})
    assert answer.status_code == 302, answer.content[:2000]


@committed
def test_a_price_is_on_record_however_it_was_changed(mia: Client) -> None:
    lamp = Product.objects.get(pk=product().product_id)
    newest = ObjectChange.objects.latest("id").pk if ObjectChange.objects.exists() else 0
    Product.objects.filter(pk=lamp.pk).update(price=111)
    with at_the_keyboard() as other:
        other.execute("UPDATE catalog_product SET price = 222 WHERE id = %s", [lamp.pk])
    verb(mia, "catalog/product/verbs/edit", lamp, price="3.33", reason="a competitor")

    found = list(ObjectChange.objects.filter(id__gt=newest, table_name="catalog_product").order_by("id"))
    prices = [(one.before["price"], one.after["price"]) for one in found]
    assert prices == [(lamp.price, 111), (111, 222), (222, 333)]
    by_update, by_hand, by_verb = found
    assert (by_update.actor, by_update.verb, by_update.via) == ("system", "", "shop")
    assert by_hand.actor == f"database:{connection.settings_dict['USER']}"
    assert by_hand.via == "psql"
    assert (by_verb.actor, by_verb.verb, by_verb.reason) == ("staff:mia", "product.edit", "a competitor")
    assert by_verb.request_id
    action = OperatorAction.objects.get(verb="product.edit")
    assert (action.transaction_id, action.correlation_id) == (by_verb.transaction_id, by_verb.correlation_id)

    page = mia.get(f"/admin/catalog/product/{lamp.pk}/change/").content.decode()
    assert "price: 222 → 333" in page
    shown = mia.get(f"/admin/messaging/objectchange/{by_verb.pk}/change/").content.decode()
    assert "a competitor" in shown
    assert reverse("admin:messaging_operatoraction_change", args=[action.pk]) in shown
    assert "price: 222 → 333" in mia.get(f"/admin/messaging/operatoraction/{action.pk}/change/").content.decode()
    past = mia.get("/admin/messaging/objectchange/?tab=past").content.decode()
    assert "111 → 222" in past
    assert "222 → 333" not in past
    for query in (f"of=catalog_product&q={lamp.pk}", "q=mia", "operation__exact=update", "at_from=2020-01-01"):
        assert "222 → 333" in mia.get(f"/admin/messaging/objectchange/?{query}").content.decode(), query
    for query in ("of=shop_promotion", "at_from=2099-01-01", "at_to=2020-01-01", "at_from=soon"):
        page = mia.get(f"/admin/messaging/objectchange/?{query}", follow=query.endswith("soon")).content.decode()
        assert ("222 → 333" in page) == query.endswith("soon"), query


@committed
def test_buying_is_not_on_record_and_what_an_operator_does_to_the_order_is(mia: Client, provider: SandboxControl) -> None:
    buyer = customer(Client(), "buyer@example.com")
    lamp = product()
    execute(ReceiveStock(product_id=lamp.product_id, quantity=5))
    before = ObjectChange.objects.count()
    order = bought(buyer, str(lamp.product_id))
    assert ObjectChange.objects.count() == before
    verb(mia, "ordering/order/verbs/cancel", order, reason="asked by phone", because="CUSTOMER_REQUESTED")
    deliver()
    seen = {(one.table_name, one.object_id): one for one in ObjectChange.objects.filter(table_name__in=BUSY)}
    cancelled = seen["ordering_order", str(order.pk)]
    assert cancelled.after["lifecycle_status"] == "CANCELLED"
    assert (cancelled.actor, cancelled.verb, cancelled.reason) == ("staff:mia", "order.cancel", "asked by phone")
    # What followed by mail is the same person's doing and in the same chain; the reason is with the action.
    returned = seen["fulfilment_stockitem", str(lamp.product_id)]
    assert (returned.actor, returned.correlation_id) == ("staff:mia", cancelled.correlation_id)
    # Somebody with another client is recorded in busy tables as well.
    with at_the_keyboard() as other:
        other.execute("UPDATE fulfilment_stockitem SET on_hand = 47 WHERE product_id = %s", [lamp.product_id])
    by_hand = ObjectChange.objects.latest("id")
    assert (by_hand.table_name, by_hand.after) == ("fulfilment_stockitem", {"on_hand": 47})
    count = ObjectChange.objects.count()
    StockItem.objects.update(low_stock_threshold=3)
    assert ObjectChange.objects.count() == count


def bought(person: Person, product_id: str) -> Order:
    """Somebody's whole way to an order."""
    cart = person.send("POST", "/carts", {}, Idempotency_Key="cart-1").json()["cartId"]
    post(person.client, f"/carts/{cart}/items", {"productId": product_id, "quantity": 1})
    answer = person.send("POST", f"/carts/{cart}/checkout", {"customerId": person.id}, Idempotency_Key="checkout-1")
    assert answer.status_code == 200, answer.json()
    deliver()
    return Order.objects.get(cart_id=cart)


def test_who_gave_whom_which_role_and_why(mia: Client) -> None:
    verma = User.objects.create_user("verma", is_staff=True, password="x" * 20)
    finance, _ = Group.objects.get_or_create(name="finance")
    form = {
        "username": "verma", "is_active": "on", "is_staff": "on", "groups": [finance.pk], "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00",
    }  # fmt: skip
    address = reverse("admin:auth_user_change", args=[verma.pk])
    assert mia.post(address, form).status_code == 200  # no reason, nothing changed
    assert not verma.groups.exists()
    assert mia.post(address, {**form, "reason": "joins accounting"}).status_code == 302
    given = ObjectChange.objects.get(table_name="auth_user_groups")
    assert (given.actor, given.verb, given.reason) == ("staff:mia", "user.form", "joins accounting")
    assert (given.object_id, given.after["group_id"]) == (str(verma.pk), finance.pk)
    assert "group_id: finance" in mia.get(address).content.decode()
    password, words = f"/admin/auth/user/{verma.pk}/password/", {"password1": "a long new one", "password2": "a long new one"}
    assert mia.post(password, words).status_code == 200  # no reason, nothing changed
    assert mia.post(password, {**words, "reason": "forgot it"}).status_code == 302
    secret = ObjectChange.objects.filter(table_name="auth_user", object_id=str(verma.pk)).latest("id")
    assert (secret.actor, secret.reason, secret.before, secret.after) == (
        "staff:mia", "forgot it", {"password": "•••"}, {"password": "•••"},
    )  # fmt: skip


def test_a_reason_is_asked_for_only_where_it_is_kept(mia: Client) -> None:
    device = TOTPDevice.objects.create(user=User.objects.create_user("verma"), name="phone")
    asked = mia.get(reverse("admin:otp_totp_totpdevice_delete", args=[device.pk])).content.decode()
    assert "Delete" in asked
    assert 'name="reason"' not in asked


@pytest.mark.parametrize("in_a_list", [False, True])
def test_nobody_loses_an_account_without_a_reason(mia: Client, in_a_list: bool) -> None:
    verma = User.objects.create_user("verma", is_staff=True, password="x" * 20)
    form: dict[str, object] = {"post": "yes"}
    address = reverse("admin:auth_user_delete", args=[verma.pk])
    if in_a_list:
        address = reverse("admin:auth_user_changelist")
        form |= {"action": "delete_selected", "_selected_action": [verma.pk]}
    asked = mia.post(address, {key: value for key, value in form.items() if key != "post"}) if in_a_list else mia.get(address)
    assert 'name="reason"' in asked.content.decode()
    refused = mia.post(address, {**form, "reason": "  "}, follow=True)
    assert "Say why" in refused.content.decode()
    assert User.objects.filter(pk=verma.pk).exists()
    assert mia.post(address, {**form, "reason": "has left us"}).status_code == 302
    (gone,) = ObjectChange.objects.filter(table_name="auth_user", operation="delete", object_id=str(verma.pk))
    assert (gone.actor, gone.reason) == ("staff:mia", "has left us")


@committed
def test_the_record_can_be_neither_changed_nor_emptied() -> None:
    with acting("staff:mia"), unit_of_work():
        record_action(verb="x", target_type="t", target_id="1", reason="because")
    Group.objects.create(name="new")
    for rows in (OperatorAction.objects, ObjectChange.objects):
        row = rows.latest("id")
        table = row._meta.db_table
        for attempt in (
            lambda rows=rows: rows.update(reason="another"),
            lambda rows=rows: rows.all().delete(),
            lambda table=table: connection.cursor().execute(f"SET LOCAL shop.audit_permit = ''; TRUNCATE {table}"),
            lambda rows=rows: _with("erase", lambda: rows.update(actor="nobody")),
            lambda rows=rows: _with("erase", lambda: rows.all().delete()),
            lambda rows=rows: _with("prune", lambda: rows.all().delete()),
            lambda rows=rows: _with("prune", lambda: rows.update(reason="another")),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                attempt()
        with at_the_keyboard() as other, pytest.raises(psycopg.errors.RestrictViolation):
            other.execute(f"DELETE FROM {table}")
        row.refresh_from_db()


def _with(permit: Any, attempt: Callable[[], object]) -> None:
    with permitted(permit):
        attempt()


def test_what_is_older_than_the_retention_goes(settings: Any) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=100)
    for days in (20, 0):
        common = {"actor": "staff:mia", "at": old - dt.timedelta(days=days)}
        OperatorAction.objects.bulk_create([OperatorAction(**common, verb="x", target_type="t", target_id="1", reason="r")] * 2)
        ObjectChange.objects.create(**common, table_name="auth_group", object_id="1", operation="insert", transaction_id=1)
    settings.AUDIT_RETENTION_DAYS, settings.ORDER_RETENTION_DAYS = 10_000, 110
    with transaction.atomic():
        assert prune_audit_chunk(1) == (1, 1)
    said = io.StringIO()
    call_command("prune_audit", "--chunk", "1", stdout=said)
    assert "1 operator actions and 0 changes removed" in said.getvalue()
    assert (OperatorAction.objects.count(), ObjectChange.objects.filter(transaction_id=1).count()) == (2, 1)


def test_every_table_is_watched_as_the_table_says() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid)"
            " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = %s",
            [FUNCTION],
        )
        made = {(table, name): text for table, name, text in cursor.fetchall()}
        assert set(made) == {(one.table, name) for one in audited.AUDITED for name in one.triggers()}
        for one in audited.AUDITED:
            columns = {column.name for column in connection.introspection.get_table_description(cursor, one.table)}
            assert {one.key, *one.ignored, *one.secret, *one.personal} <= columns, one.table
            for name, statement in one.triggers().items():
                assert f"{FUNCTION}('{one.key}', '{','.join(one.ignored)}', '{','.join(one.secret)}')" in made[one.table, name]
                assert ("WHEN" in statement) == ("WHEN" in made[one.table, name])


def test_the_trail_leaves_as_a_file_and_that_is_on_record_too(mia: Client) -> None:
    person = customer(Client(), "grace@example.com")
    CustomerProfile.objects.filter(pk=person.id).update(name="=Grace Hopper", email="rear@example.org")
    days = {"since": "2020-01-01", "until": "2099-01-01"}
    for model, form in (
        ("objectchange", "csv"),
        ("objectchange", "jsonl"),
        ("operatoraction", "csv"),
        ("operatoraction", "jsonl"),
    ):
        address = f"/admin/messaging/{model}/"
        assert mia.post(f"{address}verbs/export/", {**days, "form": form, "reason": ""}).status_code == 422
        assert mia.post(f"{address}verbs/export/", {**days, "form": form, "reason": "the auditors"}).status_code == 302
        action = OperatorAction.objects.latest("id")
        assert (action.actor, action.verb, action.reason) == ("staff:mia", f"{model}.export", "the auditors")
        download = f"{address}export/{action.pk}/"
        assert download in mia.get(address).content.decode()
        text = b"".join(mia.get(download)).decode()
        rows = list(csv.DictReader(io.StringIO(text))) if form == "csv" else [json.loads(line) for line in text.splitlines()]
        assert "Grace" not in text
        assert "rear@" not in text
        if model == "objectchange":
            (mine,) = [row for row in rows if row["objectId"] == person.id]
            after = json.loads(mine["after"]) if form == "csv" else mine["after"]
            assert after == {"name": "=••• H•••", "email": "r•••@example.org"}
        else:
            assert rows[-1]["reason"] == "the auditors"
    other = Client()
    other.force_login(User.objects.create_superuser("lea", password=None), backend="django.contrib.auth.backends.ModelBackend")
    assert other.get(download).status_code == 404
    said = io.StringIO()
    call_command("export_audit", "changes", "--reason", "the auditors", "--actor", "ops", stdout=said)
    assert [row["objectId"] for row in map(json.loads, said.getvalue().splitlines()) if row["what"] == "Customer"] == [person.id]
    assert OperatorAction.objects.latest("id").actor == "staff:ops"
