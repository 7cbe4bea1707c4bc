"""What is exported is complete, valid by each format's own rules, and the same bytes for the same code."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml
from django.core.management import CommandError, call_command
from openapi_spec_validator import validate

from config.catalogue.exports import FORMATS
from config.catalogue.people import served
from shop.contracts.base import Event
from shop.contracts.ordering import OrderCreatedV03
from shop.contracts.registry import ALL
from shop.messaging.routing import switchboard
from tests.docs.pages import ROOT

ANOTHER_RUN = """
import sys, hashlib, django
django.setup()
from config.catalogue.exports import FORMATS
for name, write in FORMATS.items():
    for path, text in write().items():
        print(name, path, hashlib.sha256(text.encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def exported() -> Mapping[str, Mapping[str, str]]:
    """Every format: file names and their text."""
    return {name: write() for name, write in FORMATS.items()}


def front_of(page: str) -> dict:
    """The front matter of a page of the catalogue."""
    return yaml.safe_load(page.split("---\n")[1])


def test_two_exports_are_byte_equal(exported: Mapping[str, Mapping[str, str]]) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "7", "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    again = subprocess.run(
        [sys.executable, "-c", ANOTHER_RUN], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout

    here = {
        (name, path): hashlib.sha256(text.encode()).hexdigest()
        for name, files in exported.items()
        for path, text in files.items()
    }
    assert {(name, path): digest for name, path, digest in map(str.split, again.splitlines())} == here


@pytest.mark.parametrize("name", FORMATS)
def test_the_command_writes_every_file_below_the_folder(name: str, tmp_path: Path, exported: Mapping) -> None:
    call_command("export_contracts", str(tmp_path / "new" / "folder"), format=name, stdout=io.StringIO())

    found = {str(path.relative_to(tmp_path / "new" / "folder")): path.read_text(encoding="utf-8")
             for path in tmp_path.rglob("*") if path.is_file()}  # fmt: skip
    assert found == dict(exported[name])


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match="is a file"):
        call_command("export_contracts", str(tmp_path / "file"))


def test_every_message_has_its_json_schema(exported: Mapping[str, Mapping[str, str]]) -> None:
    assert set(exported["jsonschema"]) == {f"{message.full_name()}.json" for message in ALL}
    for text in exported["jsonschema"].values():
        jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_the_openapi_document_is_valid(exported: Mapping[str, Mapping[str, str]]) -> None:
    document = json.loads(exported["openapi"]["openapi.json"])

    validate(document)
    assert "/carts/{cartId}/checkout" in document["paths"]


def test_the_asyncapi_document_has_every_message_and_whoever_handles_it(exported: Mapping[str, Mapping[str, str]]) -> None:
    document = json.loads(exported["asyncapi"]["asyncapi.json"])
    board = switchboard()

    for message in served():
        key = f"{message.message_name()}-{message.version}"
        assert document["components"]["messages"][key]["payload"] == message.json_schema()
        assert document["channels"][message.message_name()]["messages"][key] == {"$ref": f"#/components/messages/{key}"}
    receivers = {name for name, operation in document["operations"].items() if operation["action"] == "receive"}
    for entry in board.all_routes():
        names = {full_name.partition("@")[0] for full_name in board.messages_for(entry.name)}
        assert {f"{entry.name}.receives.{name}" for name in names} <= receivers
    assert "fulfilment.inventory.reserve_inventory.sends.InventoryReserved" in document["operations"]


def test_outsiders_streams_say_nothing_personal(exported: Mapping[str, Mapping[str, str]]) -> None:
    document = json.loads(exported["asyncapi"]["asyncapi.json"])

    streams = {name: channel for name, channel in document["channels"].items() if name.startswith("events.")}
    assert set(streams) == {f"events.{message.owner}" for message in served() if issubclass(message, Event)}
    told = json.dumps([document["components"]["messages"][key]["payload"] for one in streams.values() for key in one["messages"]])
    assert "x-personal" not in told


def test_the_catalogue_has_every_message_with_its_schema(exported: Mapping[str, Mapping[str, str]]) -> None:
    files = exported["eventcatalog"]

    pages = {
        (front["id"], front["version"]): path
        for path, text in files.items()
        if re.search(r"/(commands|events|queries)/.+\.mdx$", path)
        for front in [front_of(text)]
    }
    assert set(pages) == {(message.message_name(), message.version) for message in served()}
    for message in served():
        beside = Path(pages[message.message_name(), message.version]).parent / "schema.json"
        assert json.loads(files[str(beside)]) == message.json_schema()


def test_the_catalogue_tells_the_steps_of_the_saga(exported: Mapping[str, Mapping[str, str]]) -> None:
    steps = front_of(exported["eventcatalog"]["domains/ordering/flows/checkout-saga/index.mdx"])["steps"]
    after = {step["id"]: {(one["id"], one["label"]) for one in step.get("next_steps", ())} for step in steps}

    assert ("ReserveInventory@1.0.0", "asks") in after["CartCheckedOut@1.0.0"]
    assert ("AuthorizePayment@1.0.0", "asks") in after["InventoryReserved@1.0.0"]
    assert ("CreateOrder@1.0.0", "asks") in after["PaymentAuthorized@1.0.0"]
    assert ("ReleaseInventory@1.0.0", "takes back") in after["PaymentFailed@1.0.0"]
    assert ("CheckoutCompleted@1.0.0", "leads to") in after["OrderCreated@1.0.0"]


def test_the_catalogue_knows_the_tables_and_who_keeps_them(exported: Mapping[str, Mapping[str, str]]) -> None:
    line = front_of(exported["eventcatalog"]["domains/ordering/entities/OrderLine/index.mdx"])

    (order,) = [item for item in line["properties"] if item["name"] == "order"]
    assert order["references"] == "Order"
    assert order["type"] == "uuid"
    assert line["owners"] == ["ordering-platform"]


def test_the_markdown_leads_to_every_message_and_flow(exported: Mapping[str, Mapping[str, str]]) -> None:
    files = exported["markdown"]

    linked = set(re.findall(r"\]\(((?:messages|flows)/[^)]+)\)", files["README.md"]))
    assert linked == set(files) - {"README.md"}
    assert "flowchart TD" in files["flows/CheckoutCart.md"]


def test_a_deprecated_version_says_so_in_every_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OrderCreatedV03, "deprecated_since", date(2027, 1, 1))
    monkeypatch.setattr(OrderCreatedV03, "removed_after", date(2027, 6, 30))
    sentence = "Deprecated since 2027-01-01 and kept until 2027-06-30."

    assert json.loads(FORMATS["jsonschema"]()["OrderCreated@0.3.0.json"])["deprecated"] is True
    assert sentence in FORMATS["asyncapi"]()["asyncapi.json"]
    assert sentence in FORMATS["markdown"]()["messages/OrderCreated@0.3.0.md"]
    catalogue = FORMATS["eventcatalog"]()
    (page,) = [text for path, text in catalogue.items() if path.endswith("OrderCreated/versioned/0.3.0/index.mdx")]
    assert front_of(page)["deprecated"] == {"date": "2027-01-01", "message": sentence}
