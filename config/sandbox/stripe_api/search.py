"""Stripe's search language, as far as a shop needs it. Source: https://docs.stripe.com/search#search-query-language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from config.sandbox.store import Books
from config.sandbox.stripe_api.errors import invalid
from config.sandbox.stripe_api.intents import INTENT
from config.sandbox.wire import Json

CLAUSE = re.compile(
    r"""\s*(?P<field>\w+)(?:\[(?P<q>['"])(?P<key>[^'"]+)(?P=q)\])?\s*:\s*"""
    r"""(?:(?P<v>['"])(?P<text>[^'"]*)(?P=v)|(?P<number>\d+))\s*"""
)
FIELDS = ("amount", "currency", "customer", "status")


def metadata_key(name: str, value: str) -> str:
    """The key a metadata pair is indexed under."""
    return f"{name}\x1f{value}"


def metadata_keys(intent: Json) -> Iterator[str]:
    """All keys an intent is indexed under; metadata is fixed at creation."""
    return (metadata_key(name, value) for name, value in intent["metadata"].items())


def search(books: Books, query: str) -> list[Json]:
    """The intents that meet every clause of `a:'b' AND metadata['c']:'d'`, oldest first. Raises 400."""
    clauses = [_clause(clause) for clause in re.split(r"\s+AND\s+", query.strip())]
    indexed = [clause for clause in clauses if clause.key]
    candidates = books.find(INTENT, metadata_key(indexed[0].key, indexed[0].value)) if indexed else books.all(INTENT)
    return [intent for intent in candidates if all(clause.meets(intent) for clause in clauses)]


@dataclass(frozen=True, slots=True)
class Clause:
    """`field:value`, or `metadata[key]:value` when there is a key."""

    field: str
    key: str
    value: str

    def meets(self, intent: Json) -> bool:
        """Whether the intent has that value there."""
        if self.key:
            return intent["metadata"].get(self.key) == self.value
        return str(intent[self.field]) == self.value


def _clause(written: str) -> Clause:
    matched = CLAUSE.fullmatch(written)
    if not matched:
        raise invalid(f"We were unable to parse your search query: {written[:200]}", param="query")
    field, key = matched["field"], matched["key"] or ""
    if (field == "metadata") != bool(key) or (not key and field not in FIELDS):
        raise invalid(f"Field `{field[:40]}` is an unsupported search field.", param="query")
    return Clause(field, key, matched["text"] if matched["number"] is None else matched["number"])
