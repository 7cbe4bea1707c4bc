"""Keeping the list of deny words."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from uuid_utils.compat import uuid7

from reviews.screening.models import DenyWord
from reviews.screening.wording import stored
from shop.contracts.moderation import AddDenyWord, DenyWordView, RemoveDenyWord
from shop.messaging.audit import record_action
from shop.messaging.context import current_actor
from shop.messaging.errors import Invalid, Missing
from shop.messaging.sets import fetch_rows

SHIPPED: Final = Path(__file__).with_name("data") / "deny_words.tsv"
SHORTEST: Final = 2
PUT: Final = """
    INSERT INTO reviews_denyword AS w (id, word, category, severity, added_by) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (word) DO UPDATE SET category = EXCLUDED.category, severity = EXCLUDED.severity, version = w.version + 1
    RETURNING id, word, category, severity
"""


def add(command: AddDenyWord) -> DenyWordView:
    """The word as it is stored."""
    word = stored(command.word)
    if len(word) < SHORTEST:
        raise Invalid("invalid", "The request is not valid.", errors={"word": ["It needs two letters or figures."]})
    row = (uuid7(), word, command.category, command.severity, current_actor())
    word_id, text, category, severity = fetch_rows(PUT, row)[0]
    return DenyWordView(word_id=word_id, word=text, category=category, severity=severity)


def remove(command: RemoveDenyWord) -> None:
    """Take it off the list, and write down who did. Raises ``Missing``."""
    word = DenyWord.objects.select_for_update().filter(pk=command.word_id).first()
    if word is None:
        raise Missing("deny_word_not_found", "That word is not on the list.")
    record_action(
        verb="denyword.forget",
        target_type="reviews.denyword",
        target_id=word.pk,
        reason=command.reason or "not to be watched for",
        before={"word": word.word, "category": word.category, "severity": word.severity},
    )
    word.delete()


def shipped() -> Iterator[tuple[str, str, str]]:
    """The words the shop starts with: word, category, severity."""
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield stored(row["word"]), row["category"], row["severity"]


def load_shipped(model: Any) -> None:
    """Put them into the table of ``model``; what is there stays."""
    model.objects.bulk_create(
        [
            model(id=uuid7(), word=word, category=category, severity=severity, added_by="system:shipped")
            for word, category, severity in shipped()
        ],
        ignore_conflicts=True,
    )
