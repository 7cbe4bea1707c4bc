"""Files that come out: safe in a spreadsheet, and feeds again."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.feeds import exporting
from catalog.feeds.exporting import products_as_csv
from catalog.products.models import Product
from shop.console.defusing import DANGEROUS, armed, defused
from shop.contracts.feeds import ApplyProductImport
from shop.messaging.bus import execute
from shop.messaging.models import Delivery
from tests.catalog.feeds import APPLY, STAGE, counts, csv_of, deliver, imported, previewed
from tests.catalog.products import product
from tests.http.calls import post
from tests.http.endpoints import service_token


@settings(max_examples=50, deadline=None, database=None)
@given(st.text())
def test_whatever_is_defused_is_harmless_and_comes_back_as_it_was(cell: str) -> None:
    assert not defused(cell).startswith(DANGEROUS)
    assert armed(defused(cell)) == cell


@pytest.mark.django_db
def test_an_export_is_a_feed_that_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 3)
    for name in ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "'quoted", 'Say "cup", twice', "Line\nbreak", "Plain"):
        product(name=name, category="@home", description="=1+1")
    product(currency="JPY", price=5)
    product(currency="KWD", price=1234)
    text = "".join(products_as_csv())
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(DANGEROUS)]
    assert "1.234" in cells
    header, *lines = text.split("\r\n", 1)
    assert counts(previewed(["".join(lines).rstrip("\r\n")], header)) == {"unchanged": 10}


@pytest.mark.django_db
def test_over_http_files_are_streamed_to_our_own_people(client: Any) -> None:
    service = service_token("catalog:write")
    product(status="DRAFT", sku="HIDDEN")
    product(sku="SOLD")
    answer = client.get("/exports/products?status=ACTIVE", headers=service)
    content = b"".join(answer.streaming_content).decode()
    assert "SOLD" in content
    assert "HIDDEN" not in content
    assert "attachment" in answer["Content-Disposition"]
    assert client.get("/exports/products").status_code == 401
    assert client.get("/exports/products?status=x%00", headers=service).status_code == 400
    view = imported(["A,Lamp,x,EUR,,", "=B,Lamp,y,EUR,,", "C,Lamp,1,EUR,,"])
    errors = client.get(f"/product-imports/{view.import_id}/errors", headers=service)
    lines = list(csv.reader(io.StringIO(b"".join(errors.streaming_content).decode())))
    assert [line[:2] for line in lines[1:]] == [["2", "A"], ["3", "'=B"]]
    for unknown in (uuid4(), "x"):
        assert client.get(f"/product-imports/{unknown}/errors", headers=service).status_code in {400, 404}


@pytest.mark.django_db
def test_a_feed_goes_in_over_http(client: Any) -> None:
    service = service_token("catalog:write")
    content = csv_of(["A,Lamp,1,EUR,,", "B,Cup,x,EUR,,"]).encode()
    upload = client.generic("POST", "/uploads", content, content_type="text/csv", headers=service).json()
    started = post(client, "/product-imports", {"uploadId": upload["uploadId"]}, **service)
    assert (started.status_code, started.json()["status"]) == (202, "STAGING")
    address = f"/product-imports/{started.json()['importId']}"
    assert post(client, f"{address}/apply", {}, **service).status_code == 409
    deliver(STAGE)
    rows = client.get(f"{address}/rows?ofKind=REJECTED", headers=service).json()["rows"]
    assert [(row["line"], row["sku"]) for row in rows] == [(3, "B")]
    assert post(client, f"{address}/apply", {}, **service).json()["status"] == "APPLYING"
    deliver(APPLY)
    assert client.get(address, headers=service).json()["applied"] == 1
    assert post(client, f"{address}/cancel", {}, **service).status_code == 409
    assert client.get(address).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_the_commands_import_and_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed, out = tmp_path / "feed.csv", tmp_path / "out.csv"
    feed.write_text(csv_of(["A,Lamp,1,EUR,,", "B,Cup,x,EUR,,"]))
    call_command("import_products", str(feed))
    told = capsys.readouterr().out
    assert "1 new, 0 changed, 0 unchanged, 1 rejected" in told
    assert "line 3: B price “x” is none in EUR" in told
    assert not Product.objects.exists()
    identifier = told.split()[1]
    execute(ApplyProductImport(import_id=UUID(identifier)))
    Delivery.objects.filter(subscriber=APPLY).update(status="dead", error="RuntimeError: the disk is full")
    with pytest.raises(CommandError, match="the disk is full"):
        call_command("import_products", "--import-id", identifier)
    Delivery.objects.filter(subscriber=APPLY).update(status="open")
    call_command("import_products", "--import-id", identifier, "--apply")
    assert "applied: 2 rows" in capsys.readouterr().out
    call_command("export_products", str(out))
    assert out.read_bytes() == b"sku,name,price,currency,description,category,status\r\nA,Lamp,1.00,EUR,,,DRAFT\r\n"
    feed.write_text("sku\n")
    for wrong in ([str(feed)], ["/nowhere.csv"], []):
        with pytest.raises(CommandError):
            call_command("import_products", *wrong)
