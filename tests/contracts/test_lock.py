"""The lock file, and the commands around it."""

import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config.catalogue.touched import whom
from shop.contracts.lock import published, render
from tests.contracts.payloads import example

LOCK = Path(settings.BASE_DIR) / "contracts.lock.json"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    recorded = tmp_path / "contracts.lock.json"
    recorded.write_text(render(published()), encoding="utf-8")
    return recorded


def _edit(lock: Path, **fields: dict[str, Any]) -> None:
    recorded = json.loads(lock.read_text(encoding="utf-8"))
    recorded["CancelOrder@1.0.0"]["schema"]["properties"].update(fields)
    lock.write_text(render(recorded), encoding="utf-8")


def _check(lock: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("check_contracts", *options, lock=lock, stdout=out)
    return out.getvalue()


def test_the_lock_is_what_the_code_publishes() -> None:
    assert LOCK.read_text(encoding="utf-8") == render(published())


def test_an_unchanged_language_passes(lock: Path) -> None:
    assert "as recorded" in _check(lock)


def test_an_additive_change_has_to_be_recorded(lock: Path) -> None:
    recorded = json.loads(lock.read_text(encoding="utf-8"))
    del recorded["CancelOrder@1.0.0"]
    lock.write_text(render(recorded), encoding="utf-8")

    with pytest.raises(CommandError, match="1 additive change not recorded"):
        _check(lock)
    assert "CancelOrder@1.0.0" not in json.loads(lock.read_text(encoding="utf-8"))

    assert "CancelOrder@1.0.0: is new" in _check(lock, "--accept")
    assert lock.read_text(encoding="utf-8") == render(published())


@pytest.mark.parametrize("options", [(), ("--accept",)])
def test_a_breaking_change_is_never_recorded(lock: Path, options: tuple[str, ...]) -> None:
    _edit(lock, comment={"type": "string"})
    before = lock.read_text(encoding="utf-8")
    out = io.StringIO()

    with pytest.raises(CommandError, match="1 breaking change:"):
        call_command("check_contracts", *options, lock=lock, stdout=out)

    assert "breaking: CancelOrder@1.0.0, comment: is gone. Keep the field" in out.getvalue()
    assert "or publish it as a new version of CancelOrder beside this one." in out.getvalue()
    assert lock.read_text(encoding="utf-8") == before


def test_a_refusal_names_who_says_it_who_reads_it_and_in_which_flows(lock: Path) -> None:
    recorded = json.loads(lock.read_text(encoding="utf-8"))
    recorded["CartCheckedOut@1.0.0"]["schema"]["properties"]["comment"] = {"type": "string"}
    lock.write_text(render(recorded), encoding="utf-8")
    out = io.StringIO()

    with pytest.raises(CommandError, match="1 breaking change:"):
        call_command("check_contracts", lock=lock, stdout=out)

    (touched,) = [line for line in out.getvalue().splitlines() if line.startswith("  Producer")]
    producers, consumers, flows = re.fullmatch(r"  Producer: (.+)\. Consumers: (.+)\. Flows: (.+)\.", touched).groups()
    assert "shop.carts.checkout_cart" in producers
    assert "ordering.checkout.saga" in consumers
    assert "CheckoutCart" in flows


def test_a_message_of_a_saga_names_it(lock: Path) -> None:
    assert "Flows: saga checkout (checkout)" in whom("ReserveInventory@1.0.0")
    assert "POST /reservations" in whom("ReserveInventory@1.0.0")
    assert "ordering.checkout.saga" in whom("ReserveInventory@1.0.0")


def test_a_first_lock_is_written(tmp_path: Path) -> None:
    _check(tmp_path / "new.json", "--accept")

    assert (tmp_path / "new.json").read_text(encoding="utf-8") == render(published())


def test_a_damaged_lock_is_told(lock: Path) -> None:
    lock.write_text("{", encoding="utf-8")

    with pytest.raises(CommandError, match="is not JSON"):
        _check(lock)


def test_prose_is_not_locked_but_a_field_called_description_is() -> None:
    fields = published()["CreateProduct@1.0.0"]["schema"]["properties"]

    assert fields["description"] == {"type": "string"}
    assert "description" not in published()["CreateProduct@1.0.0"]["schema"]


def test_every_exported_schema_is_one_for_old_and_new_validators() -> None:
    for name, contract in published(prose=True).items():
        schema = contract["schema"]
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft7Validator.check_schema(schema)
        assert jsonschema.Draft202012Validator(schema).is_valid(example(schema)), name
