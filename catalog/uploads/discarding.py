"""Deleting stored files: outside any transaction, and as often as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from catalog.uploads.gateways.storage import remove
from shop.contracts.feeds import DiscardFiles
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Call, Called, Outside


def prepare(batch: Sequence[Envelope[DiscardFiles]]) -> list[Call[Sequence[str]]]:
    """One call per command."""
    return [Call(envelope, envelope.message.names) for envelope in batch]


def record(called: Sequence[Called[Sequence[str], None]]) -> None:
    """Nothing is left to say about files that are gone."""


DISCARD: Final = Outside("catalog.uploads.discard_files", prepare=prepare, call=remove, record=record)
