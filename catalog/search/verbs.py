"""What an operator can do to the index. Everything goes by mail: whoever writes to the index takes turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.search.models import SearchDocument, SearchGeneration
from catalog.search.states import GenerationState
from shop.console.verbs import CommandVerb
from shop.contracts.base import Command
from shop.contracts.search import AbandonSearchRebuild, RebuildSearch, ReindexProducts


class Reindex(CommandVerb):
    """Take products in anew."""

    name, label, icon, tone = "reindex", "Index again", "sync", "good"
    meaning = "Takes the product into the index as the catalogue has it now, whatever messages said before."
    by_mail = True

    def command(self, row: SearchDocument, given: Mapping[str, Any]) -> Command:
        return ReindexProducts(product_ids=[row.pk])

    def snapshot(self, row: SearchDocument) -> dict[str, Any]:
        return {"sequence": row.sequence, "version": row.version}

    def sentence(self, row: SearchDocument, answer: Any) -> str:
        return "is being indexed again."


class Rebuild(CommandVerb):
    """Build a new index."""

    name, label, icon, tone, on_list = "rebuild", "Rebuild the index", "restart_alt", "good", True
    meaning = (
        "Builds a new index beside the one that answers, and switches to it once it is complete. Searching goes on meanwhile."
    )

    def command(self, row: None, given: Mapping[str, Any]) -> Command:
        return RebuildSearch(reason=str(given["reason"])[:250])

    def target_of(self, answer: Any) -> Any:
        return answer.generation_id

    def sentence(self, row: None, answer: Any) -> str:
        return f"Index {answer.generation_id} is being built: about {answer.expected:,} products."


class Abandon(CommandVerb):
    """Give up a rebuild."""

    name, label, icon, tone, bulk = "abandon", "Give up", "cancel", "bad", False
    meaning = "Gives up an index that is being built. The one that answers goes on."
    by_mail = True

    def refusal(self, row: SearchGeneration) -> str:
        return "" if row.status == GenerationState.BUILDING else f"It is not being built: {row.get_status_display().lower()}."

    def command(self, row: SearchGeneration, given: Mapping[str, Any]) -> Command:
        return AbandonSearchRebuild(generation_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: SearchGeneration, answer: Any) -> str:
        return "is given up."


DOCUMENT_VERBS = (Reindex(),)
GENERATION_VERBS = (Rebuild(), Abandon())
