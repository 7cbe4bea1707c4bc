"""Feeds: read, compared, looked at, applied; killed anywhere, repeated at will."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.feeds import applying, staging
from catalog.feeds.models import ImportRow
from catalog.products.invariants import product_violations
from catalog.products.models import Product
from shop.contracts.feeds import (
    ApplyProductImport,
    ApplyProductImportChunk,
    CancelProductImport,
    PruneUploads,
    StartProductImport,
)
from shop.contracts.products import AddVariant, Characteristic, DeleteProduct, UpdateProduct
from shop.messaging.bus import execute, send, unit_of_work
from shop.messaging.context import acting
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Delivery, Message, ObjectChange
from shop.messaging.sets import run
from tests.catalog.feeds import APPLY, STAGE, counts, csv_of, deliver, imported, previewed, rows, seen, uploaded
from tests.catalog.products import product

pytestmark = pytest.mark.django_db


def said() -> list[tuple[str, dict[str, object]]]:
    """What was stated about products, the oldest first."""
    found = Message.objects.filter(name__startswith="Product", kind="event").order_by("id")
    return [(message.name, message.payload) for message in found]


def test_a_new_feed_becomes_products_and_each_is_stated_once() -> None:
    view = imported(["A,Lamp,12.50,EUR,Lighting,ACTIVE", "B,Cup,3,JPY,,"])
    assert (view.status, view.rows, counts(view)) == ("APPLIED", 2, {"new": 2, "applied": 2})
    assert sorted(Product.objects.values_list("sku", "price", "currency", "status", "category", "sequence")) == [
        ("A", 1250, "EUR", "ACTIVE", "Lighting", 1),
        ("B", 3, "JPY", "DRAFT", "", 1),
    ]
    assert [(name, payload["product"]["sku"]) for name, payload in said()] == [("ProductCreated", "A"), ("ProductCreated", "B")]


def test_the_preview_shows_what_differs_and_nothing_is_changed_yet() -> None:
    product(sku="A", name="Lamp", price=1000, category="Lighting")
    product(sku="B", name="Cup", price=300)
    view = previewed(["A,Lamp,12.50,EUR,,", "B,Cup,3.00,EUR,,ACTIVE", "C,New,1,EUR,,", "D,,x,EUR,,"])
    assert (view.status, counts(view)) == ("READY", {"new": 1, "changed": 1, "unchanged": 1, "rejected": 1})
    (changed,) = rows(view, "CHANGED")
    assert (changed.line, changed.sku, changed.before.data(), changed.values.price) == (2, "A", {"price": 1000}, 1250)
    assert [(row.line, row.kind) for row in rows(view)] == [(2, "CHANGED"), (3, "UNCHANGED"), (4, "NEW"), (5, "REJECTED")]
    assert Product.objects.get(sku="A").price == 1000


def test_only_what_changed_is_stated() -> None:
    made = product(sku="A", name="Lamp", price=1000, category="Lighting", status="DRAFT")
    imported(["A,Lamp,10.00,EUR,Lamps,ACTIVE"])
    name, payload = said()[-1]
    assert (name, payload["changes"]) == ("ProductUpdated", {"category": "Lamps", "status": "ACTIVE"})
    stored = Product.objects.get(pk=made.product_id)
    assert (stored.status, stored.category, stored.sequence, stored.price) == ("ACTIVE", "Lamps", 2, 1000)


def test_what_a_feed_changed_is_on_record_and_what_it_brought_is_not_kept_twice() -> None:
    product(sku="A", name="Lamp", price=1000)
    with acting("staff:mia"):
        view = imported(["A,Lamp,12.50,EUR,,", "B,Cup,3,EUR,,"])
    (change,) = ObjectChange.objects.filter(actor="staff:mia", table_name="catalog_product")
    assert (change.operation, change.before, change.after) == ("update", {"price": 1000}, {"price": 1250})
    assert (change.verb, change.reason) == ("productimport.apply", f"Import {view.import_id}: {view.file_name}")


def test_importing_again_has_no_effect() -> None:
    lines = ["A,Lamp,12.50,EUR,Lighting,ACTIVE", "B,Cup,3,EUR,,"]
    imported(lines)
    before = said()
    assert counts(imported(lines)) == {"unchanged": 2}
    assert said() == before


def test_empty_cells_change_nothing() -> None:
    product(sku="A", name="Lamp", price=1250, description="Warm", category="Lighting")
    assert counts(previewed(["A,Lamp,12.5,EUR,,"])) == {"unchanged": 1}


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (",Lamp,1,EUR,,", "sku is empty"),
        ("A,  ,1,EUR,,", "name is empty"),
        ("A,Lamp,abc,EUR,,", "price “abc” is none in EUR: write it like 1234.50"),
        ("A,Lamp,-1,EUR,,", "price “-1” is none in EUR: write it like 1234.50"),
        ('A,Lamp,"1,50",EUR,,', "price “1,50” is none in EUR: write it like 1234.50"),
        ("A,Lamp,1.005,EUR,,", "price “1.005” is none in EUR: write it like 1234.50"),
        ("A,Lamp,1.5,JPY,,", "price “1.5” is none in JPY: write it like 1234"),
        ("A,Lamp,99999999999,EUR,,", "price “99999999999” is none in EUR: write it like 1234.50"),
        ("A,Lamp,1,EUE,,", "currency “EUE” is none (ISO 4217)"),
        ("A,Lamp,1,EUR,,SOLD", "status “SOLD” is none of DRAFT, ACTIVE, ARCHIVED"),
        (f"{'A' * 201},Lamp,1,EUR,,", "sku has 201 characters, at most 200"),
        ("A,La\0mp,1,EUR,,", "name contains the character U+0000"),
        ("A,Lamp,1", "3 cells where the first line has 6"),
        ("A,Lamp,1,EUR,,,", "7 cells where the first line has 6"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_with_its_reason(cells: str, told: str) -> None:
    view = previewed(["B,Cup,1,EUR,,", cells])
    (rejected,) = rows(view, "REJECTED")
    assert (view.status, rejected.line, rejected.errors) == ("READY", 3, told)
    assert counts(view) == {"new": 1, "rejected": 1}


def test_a_product_does_not_become_a_draft_again() -> None:
    product(sku="A", name="Lamp", price=100)
    (rejected,) = rows(previewed(["A,Lamp,1,EUR,,DRAFT"]), "REJECTED")
    assert "does not become a draft again" in str(rejected.errors)


def test_a_sku_that_is_in_the_file_twice_is_taken_from_neither_line() -> None:
    with patch.object(staging, "CHUNK", 2):
        view = previewed(["A,Lamp,1,EUR,,", "B,Cup,1,EUR,,", "A,Lamp,2,EUR,,", "C,Pot,1,EUR,,", "A,Lamp,3,EUR,,"])
    assert counts(view) == {"new": 2, "rejected": 3}
    assert [(row.line, row.errors) for row in rows(view, "REJECTED")] == [
        (2, "the same sku is in line 6"),
        (4, "the same sku is in line 2"),
        (6, "the same sku is in line 2"),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"sku,name\nA,Lamp\n", "price, currency are missing"),
        (b"sku,name,price,currency,colour\n", "columns we do not know: colour"),
        (b"sku,name,price,currency,SKU\n", "names sku more than once"),
        ("sku,name,price,currency\nA,Lamp,1,EUR\n".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Line 1 is not UTF-8"),
        (b"sku,name,price,currency\xff\n", "Line 1 is not UTF-8"),
        (b'"sku,name\n', "cannot be read as CSV"),
        (b"sku,name,price,currency," + b"x" * 300_000, "more than 200,000 bytes"),
    ],
)
def test_a_file_that_is_no_feed_is_refused_at_once(content: bytes, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        execute(StartProductImport(upload_id=uploaded(content)))
    assert told in refused.value.message
    assert not Message.objects.filter(name="StageProductImport").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"B,C\xfcp,1,EUR,,\n", "Line 4 is not UTF-8"),
        (b'B,"Cup,1,EUR,,\n', "Line 4 cannot be read as CSV"),
    ],
)
def test_a_file_that_breaks_further_down_is_refused_with_the_line(line: bytes, told: str) -> None:
    content = csv_of(['A,"Lamp\nlarge",1,EUR,,']).encode() + line
    started = execute(StartProductImport(upload_id=uploaded(content)))
    deliver(STAGE)
    view = seen(started.import_id)
    assert view.status == "REFUSED"
    assert told in str(view.reason)
    with pytest.raises(Refused):
        execute(ApplyProductImport(import_id=view.import_id))


def test_other_ways_to_write_csv_are_read_too() -> None:
    content = '\ufeffSKU;Price;Currency;Name\r\nA;1.00;eur;"Lamp; ""large"""\r\n\r\nB;2;EUR;Bjørns cup'
    view = execute(StartProductImport(upload_id=uploaded(content)))
    deliver(STAGE)
    assert [(row.line, row.sku, row.values.name) for row in rows(view)] == [(2, "A", 'Lamp; "large"'), (4, "B", "Bjørns cup")]


def test_too_many_rows_are_refused(settings: LazySettings) -> None:
    settings.IMPORT_MAX_ROWS = 2
    view = previewed(["A,Lamp,1,EUR,,", "B,Lamp,1,EUR,,", "C,Lamp,1,EUR,,"])
    assert (view.status, view.reason) == ("REFUSED", "The file has more than 2 rows. Split it.")


def test_a_file_without_rows_is_refused() -> None:
    assert previewed([]).status == "REFUSED"


def many(count: int, price: str = "1.00") -> list[str]:
    return [f"S-{number:04},Thing {number},{price},EUR,Kind {number % 3},ACTIVE" for number in range(count)]


def test_chunks_go_on_where_the_last_one_was_committed() -> None:
    with patch.object(staging, "CHUNK", 40), patch.object(applying, "CHUNK", 30):
        started = execute(StartProductImport(upload_id=uploaded(csv_of(many(100)))))
        deliver(STAGE, most=1)
        assert (seen(started.import_id).rows, seen(started.import_id).status) == (40, "STAGING")
        assert 0 < seen(started.import_id).progress < 100
        deliver(STAGE)
        execute(ApplyProductImport(import_id=started.import_id))
        deliver(APPLY, most=2)
        assert (seen(started.import_id).applied, seen(started.import_id).progress) == (60, 60)
        deliver(APPLY)
    assert counts(seen(started.import_id)) == {"new": 100, "applied": 100}
    assert [name for name, _ in said()] == ["ProductCreated"] * 100


def test_a_chunk_that_comes_twice_has_its_effect_once() -> None:
    with patch.object(applying, "CHUNK", 30):
        view = previewed(many(50))
        execute(ApplyProductImport(import_id=view.import_id))
        deliver(APPLY, most=1)
        with unit_of_work():
            send(ApplyProductImportChunk(import_id=view.import_id, after_line=0))
        deliver(APPLY)
    assert counts(execute(ApplyProductImport(import_id=view.import_id))) == {"new": 50, "applied": 50}
    assert len(said()) == 50


def test_a_cancelled_import_stops_where_it_is() -> None:
    with patch.object(applying, "CHUNK", 30):
        view = previewed(many(50))
        execute(ApplyProductImport(import_id=view.import_id))
        deliver(APPLY, most=1)
        execute(CancelProductImport(import_id=view.import_id))
        deliver(APPLY)
    assert (seen(view.import_id).status, Product.objects.count()) == ("CANCELLED", 30)
    assert execute(CancelProductImport(import_id=view.import_id)).status == "CANCELLED"
    with pytest.raises(Refused):
        execute(ApplyProductImport(import_id=view.import_id))
    assert counts(imported(many(50))) == {"new": 20, "unchanged": 30, "applied": 20}


def test_what_changed_after_the_preview_is_skipped_and_says_so() -> None:
    kept, moved, gone = (product(sku=sku, name="Thing", price=100) for sku in ("A", "B", "C"))
    view = previewed(["A,Thing,2,EUR,,", "B,Thing,2,EUR,,", "C,Thing,2,EUR,,", "D,Thing,2,EUR,,"])
    execute(UpdateProduct(product_id=kept.product_id, name="Another name"))  # not what the feed wants to change
    execute(UpdateProduct(product_id=moved.product_id, price=150))
    execute(DeleteProduct(product_id=gone.product_id))
    product(sku="D", price=7)
    execute(ApplyProductImport(import_id=view.import_id))
    deliver(APPLY)
    after = seen(view.import_id)
    assert counts(after) == {"new": 1, "changed": 3, "applied": 1, "skipped": 3}
    assert [(row.line, row.errors) for row in rows(after, "SKIPPED")] == [
        (3, "price changed after the preview"),
        (4, "the product was deleted after the preview"),
        (5, "a product with this sku was added after the preview"),
    ]
    assert (Product.objects.get(sku="A").price, Product.objects.get(sku="B").price) == (200, 150)


def test_variants_follow_and_one_that_cannot_is_no_reason_to_stop() -> None:
    base, other = product(sku="BASE", name="Shirt", price=1000), product(sku="OTHER", name="Hat", price=1000)
    size = [Characteristic(name="size", value="XL")]
    variant = execute(AddVariant(product_id=base.product_id, sku="BASE-XL", options=size, price_difference=200))
    execute(AddVariant(product_id=other.product_id, sku="OTHER-S", options=size, price_difference=-900))
    view = imported(["BASE,Shirt,20,EUR,,", "OTHER,Hat,5,EUR,,"])
    assert counts(view) == {"changed": 2, "applied": 1, "skipped": 1}
    assert Product.objects.get(pk=variant.product_id).price == 2200
    assert Product.objects.get(sku="OTHER").price == 1000


def test_a_variant_with_a_row_of_its_own_costs_what_that_says_and_again_means_unchanged() -> None:
    base = product(sku="BASE", name="Shirt", price=1000)
    for sku in ("UNCHANGED", "CHANGED", "LEFT"):
        size = [Characteristic(name="size", value=sku)]
        execute(AddVariant(product_id=base.product_id, sku=sku, name="Shirt", options=size, price_difference=100))
    lines = ["BASE,Shirt,20,EUR,,", "CHANGED,Shirt,13,EUR,,", "UNCHANGED,Shirt,11,EUR,,"]
    with patch.object(applying, "CHUNK", 1):
        imported(lines)
    prices = dict(Product.objects.values_list("sku", "price"))
    assert prices == {"BASE": 2000, "CHANGED": 1300, "UNCHANGED": 1100, "LEFT": 2100}
    assert list(product_violations()) == []
    assert counts(previewed(lines)) == {"unchanged": 3}


def test_another_currency_comes_with_its_price() -> None:
    product(sku="A", name="Lamp", price=1000)
    imported(["A,Lamp,10,USD,,"])
    assert (Product.objects.get().currency, said()[-1][1]["changes"]) == ("USD", {"currency": "USD"})


def test_an_upload_is_imported_once_and_an_unknown_one_is_missing() -> None:
    upload = uploaded(csv_of(many(2)))
    first = execute(StartProductImport(upload_id=upload))
    assert execute(StartProductImport(upload_id=upload)).import_id == first.import_id
    with pytest.raises(Missing):
        execute(StartProductImport(upload_id=first.import_id))


def test_a_large_chunk_costs_the_statements_of_a_small_one() -> None:
    def cost(lines: list[str]) -> tuple[int, int]:
        started = execute(StartProductImport(upload_id=uploaded(csv_of(lines))))
        with CaptureQueriesContext(
            connection,
        ) as staged:
            deliver(STAGE, most=1)
        execute(ApplyProductImport(import_id=started.import_id))
        with CaptureQueriesContext(connection) as applied:
            deliver(APPLY, most=1)
        return len(staged), len(applied)

    imported(many(1))
    small, large = cost(many(5, "2.00")), cost(many(400, "3.00"))
    assert large[0] == small[0]
    assert large[1] <= small[1]
    assert large[1] < 25


def test_rows_are_kept_until_nobody_needs_them_and_files_go_with_them() -> None:
    view, waiting = imported(many(3)), previewed(many(3))
    run("UPDATE catalog_productimport SET finished_at = finished_at - interval '31 days'")
    execute(PruneUploads())
    deliver("catalog.uploads.prune_uploads")
    assert set(ImportRow.objects.values_list("imported_id", flat=True)) == {waiting.import_id}
    assert seen(view.import_id).applied == 3
    assert Delivery.objects.filter(subscriber="catalog.uploads.discard_files", status="open").count() == 1
