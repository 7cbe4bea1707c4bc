"""The story that `docs/contracts.md` tells is true: its classes and its commands are run as they stand there."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from shop.contracts.base import Message
from shop.contracts.lock import published, render
from shop.contracts.registry import ALL
from shop.contracts.versions import read_as
from tests.contracts.language import speak, written
from tests.contracts.payloads import example
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(py contract|console)(?: (\d{4}-\d\d-\d\d))?\n(.*?)^```", re.DOTALL | re.MULTILINE)
BEFORE_THE_STORY = "2026-11-26"


def commands(block: str) -> Iterator[tuple[list[str], str]]:
    """Each command of a block and what the page says it answers."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, answer = part.partition("\n")
        yield command.split(), answer


def answer_of(command: list[str], lock: Path) -> str:
    """What it prints, its refusal included."""
    assert command[:2] == ["manage.py", "check_contracts"]
    out = io.StringIO()
    try:
        call_command("check_contracts", *command[2:], lock=lock, stdout=out)
    except CommandError as refusal:
        out.write(f"CommandError: {refusal}\n")
    return out.getvalue()


def uncounted(text: str) -> str:
    """How many contracts there are changes every week."""
    return re.sub(r"^\d+ contracts are", "N contracts are", text, flags=re.MULTILINE)


def test_every_example_works_as_it_is_told(tmp_path: Path) -> None:
    lock = tmp_path / "contracts.lock.json"
    lock.write_text(render(published()), encoding="utf-8")
    gifts: list[type[Message]] = []
    told = 0
    for kind, day, block in BLOCK.findall(PAGE):
        if kind == "py contract":
            gifts = written(block)
            continue
        with pytest.MonkeyPatch.context() as patch, time_machine.travel(f"{day or BEFORE_THE_STORY}T12:00:00Z"):
            speak(patch, gifts)
            for command, answer in commands(block):
                assert uncounted(answer_of(command, lock)) == uncounted(answer)
                told += 1
    assert told == 9


def test_the_two_versions_of_the_example_read_each_other() -> None:
    source = next(block for kind, _, block in BLOCK.findall(PAGE) if kind == "py contract" and "from_newer" in block)
    older, newer = written(source)
    with pytest.MonkeyPatch.context() as patch:
        speak(patch, [older, newer])
        old = older.read_data({**example(older.json_schema()), "price": 1200})
        new = newer.read_data({**example(newer.json_schema()), "netPrice": 1000, "tax": 200})

        assert read_as(newer, older, old.payload()).data()["netPrice"] == 1200
        assert read_as(older, newer, new.payload()).data()["price"] == 1200


def test_the_example_is_no_part_of_the_language() -> None:
    assert "GiftWrapped" not in {message.message_name() for message in ALL}
