"""OpenSearch over its REST API: one index per generation, documents by bulk with external versions, one search request.

Written against the published API of OpenSearch 2 and 3; nothing but HTTP is needed. Every failure is ``EngineUnavailable``: what
was sent may have arrived, and may be sent again, because an older version never replaces a newer one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpx

from catalog.search.found import BANDS, MOST_CATEGORIES, MOST_RANKED, STARS, Found, Hit
from shop.contracts.search import SearchFilters, Sort

CONFLICT, NOT_FOUND, BAD_REQUEST = 409, 404, 400
EXISTS: Final = "resource_already_exists_exception"
MISSING: Final = "index_not_found_exception"
NDJSON: Final = {"Content-Type": "application/x-ndjson"}
SHOWN: Final = ("productId", "sku", "name", "category", "price", "currency")
FIELDS: Final = ("name^10", "sku^8", "category^4", "description")
SORTS: Final[Mapping[Sort, list[dict[str, Any]]]] = {
    "relevance": [{"_score": "desc"}, {"productId": "asc"}],
    "price_asc": [{"price": "asc"}, {"productId": "asc"}],
    "price_desc": [{"price": "desc"}, {"productId": "desc"}],
    "rating": [{"rating": "desc"}, {"productId": "asc"}],
}
TEXT: Final = {"type": "text", "analyzer": "words", "copy_to": "all"}
MAPPINGS: Final[Mapping[str, Any]] = {
    "dynamic": "strict",
    "properties": {
        "productId": {"type": "keyword"},
        "sku": TEXT | {"fields": {"whole": {"type": "keyword"}}},
        "name": TEXT | {"fields": {"whole": {"type": "keyword"}}},
        "description": TEXT,
        "category": TEXT | {"fields": {"whole": {"type": "keyword"}}},
        "all": {"type": "text", "analyzer": "words"},
        "price": {"type": "long"},
        "currency": {"type": "keyword"},
        "status": {"type": "keyword"},
        "rating": {"type": "float"},
        "reviews": {"type": "integer"},
    },
}
UNSTEMMED: Final = "simple"  # what Postgres calls a language without stems


class EngineUnavailable(Exception):
    """The engine did not answer, or not with what its API promises. Ask again later, or ask Postgres."""


@dataclass(frozen=True, slots=True)
class Versioned:
    """A document as JSON, and its version: an engine that has a newer one keeps it."""

    key: str
    version: int
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenSearch:
    """One cluster. ``url`` may carry a user and password; ``prefix`` begins the names of its indexes; seconds of patience;
    ``language``: how a new index stems words, under the name that both Postgres and OpenSearch have for it."""

    url: str
    prefix: str
    timeout: float
    language: str = "english"

    def name(self, generation_id: int) -> str:
        """The index of one generation."""
        return f"{self.prefix}-{generation_id}"

    def create(self, generation_id: int) -> None:
        """Make the index of a generation unless it is there."""
        response = self._send("PUT", f"/{self.name(generation_id)}", json=index_body(self.language))
        if response.status_code == BAD_REQUEST and _reason(response) == EXISTS:
            return
        _expect_success(response)

    def has(self, generation_id: int) -> bool:
        """Whether there is an index of a generation."""
        response = self._send("GET", f"/{self.name(generation_id)}")
        if response.status_code == NOT_FOUND and _reason(response) == MISSING:
            return False
        _expect_success(response)
        return True

    def put(self, generation_id: int, documents: Sequence[Versioned]) -> None:
        """Store these documents, except where a newer version is there already. The index has to be there."""
        lines = (json.dumps(line) for document in documents for line in _bulk_lines(self.name(generation_id), document))
        response = self._send("POST", "/_bulk", content="\n".join(lines) + "\n", headers=NDJSON)
        _expect_success(response)
        answers = [answer for item in response.json()["items"] for answer in item.values()]
        failed = [answer for answer in answers if answer["status"] >= BAD_REQUEST and answer["status"] != CONFLICT]
        if failed or len(answers) != len(documents):
            raise EngineUnavailable(f"{len(failed)} of {len(documents)} documents were refused: {failed[:1]}")

    def refresh(self, generation_id: int) -> None:
        """Let searches see everything stored so far."""
        _expect_success(self._send("POST", f"/{self.name(generation_id)}/_refresh"))

    def drop(self, generation_id: int) -> None:
        """Remove the index of a generation, if it is there."""
        response = self._send("DELETE", f"/{self.name(generation_id)}")
        if response.status_code == NOT_FOUND and _reason(response) == MISSING:
            return
        _expect_success(response)

    def find(self, generation_id: int, query: str, filters: SearchFilters, sort: Sort, *, limit: int, offset: int) -> Found:
        """A page of what matches; if nothing does, of what was probably meant."""
        path = f"/{self.name(generation_id)}/_search"
        answer = self._asked(path, body(query, filters, sort, limit=limit, offset=offset))
        found = _found(answer)
        meant = _meant(answer, query)
        if found.total or meant is None:
            return found
        again = _found(self._asked(path, body(meant, filters, sort, limit=limit, offset=offset)), meant)
        return again if again.total else found

    def _asked(self, path: str, asked: Mapping[str, Any]) -> Any:
        response = self._send("POST", path, json=asked)
        _expect_success(response)
        return response.json()

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            return _client(self.url, self.timeout).request(method, path, **content)
        except (httpx.HTTPError, ValueError) as error:
            raise EngineUnavailable(f"{type(error).__name__} at {method} {path}") from error


def index_body(language: str) -> dict[str, Any]:
    """What an index is made with."""
    stems = [] if language == UNSTEMMED else ["stems"]
    words = {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding", *stems]}
    filters = {"filter": {"stems": {"type": "stemmer", "language": language}}} if stems else {}
    return {"settings": {"analysis": {"analyzer": {"words": words}, **filters}}, "mappings": MAPPINGS}


def body(query: str, filters: SearchFilters, sort: Sort, *, limit: int, offset: int) -> dict[str, Any]:
    """The search request. Every word has to occur, the last one perhaps as a beginning; where it occurs decides the score."""
    return {
        "from": offset,
        "size": limit,
        "track_total_hits": MOST_RANKED,
        "query": {
            "bool": {
                "must": [{"match_bool_prefix": {"all": {"query": query, "operator": "and"}}}],
                "should": [
                    {"multi_match": {"query": query, "fields": list(FIELDS), "type": "most_fields"}},
                    {"term": {"name.whole": {"value": query, "case_insensitive": True, "boost": 20}}},
                    {"term": {"sku.whole": {"value": query, "case_insensitive": True, "boost": 20}}},
                ],
                "filter": list(_filters(filters)),
            }
        },
        "sort": SORTS[sort],
        "track_scores": True,
        "aggs": {
            "categories": {"terms": {"field": "category.whole", "size": MOST_CATEGORIES}},
            "bands": {"range": {"field": "price", "ranges": [_band(at) for at in range(len(BANDS))]}},
            "rated": {
                "filter": {"range": {"reviews": {"gt": 0}}},
                "aggs": {"stars": {"range": {"field": "rating", "ranges": [{"from": stars} for stars in STARS]}}},
            },
        },
        "suggest": {"text": query, "meant": {"term": {"field": "all", "suggest_mode": "missing", "size": 1}}},
    }


def _filters(filters: SearchFilters) -> Iterable[dict[str, Any]]:
    yield {"term": {"status": filters.status or "ACTIVE"}}
    if filters.category is not None:
        yield {"term": {"category.whole": filters.category}}
    bounds = {"gte": filters.min_price, "lte": filters.max_price}
    if given := {name: bound for name, bound in bounds.items() if bound is not None}:
        yield {"range": {"price": given}}


def _band(at: int) -> dict[str, int]:
    upper = {"to": BANDS[at + 1]} if at + 1 < len(BANDS) else {}
    return {"from": BANDS[at], **upper}


def _bulk_lines(index: str, document: Versioned) -> Iterable[Mapping[str, Any]]:
    yield {
        "index": {"_index": index, "_id": document.key, "version": document.version, "version_type": "external_gte"},
    }
    yield document.source


def _found(answer: Mapping[str, Any], meant: str | None = None) -> Found:
    total, facets = answer["hits"]["total"], answer["aggregations"]
    bands = [(int(each["from"]), each.get("to"), each["doc_count"]) for each in facets["bands"]["buckets"]]
    stars = {int(each["from"]): each["doc_count"] for each in facets["rated"]["stars"]["buckets"]}
    return Found(
        hits=tuple(_hit(each) for each in answer["hits"]["hits"]),
        total=total["value"],
        exact=total["relation"] == "eq",
        categories=tuple((each["key"], each["doc_count"]) for each in facets["categories"]["buckets"] if each["key"]),
        bands=tuple((lowest, int(below) if below is not None else None, count) for lowest, below, count in bands if count),
        stars=tuple((many, stars.get(many, 0)) for many in STARS if any(stars.values())),
        meant=meant,
    )


def _hit(hit: Mapping[str, Any]) -> Hit:
    source = hit["_source"]
    product_id, sku, name, category, price, currency = (source[field] for field in SHOWN)
    return Hit(product_id, sku, name, category, price, currency, round(hit["_score"] or 0.0, 4))


def _meant(answer: Mapping[str, Any], query: str) -> str | None:
    """The query with every word that the index does not know replaced by the nearest it knows."""
    corrected, at = "", 0
    for entry in answer.get("suggest", {}).get("meant", ()):
        if entry["options"]:
            corrected += query[at : entry["offset"]] + entry["options"][0]["text"]
            at = entry["offset"] + entry["length"]
    return corrected + query[at:] if corrected else None


def _expect_success(response: httpx.Response) -> None:
    if not response.is_success:
        raise EngineUnavailable(f"{response.status_code} {_reason(response)} at {response.request.url.path}")


def _reason(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["type"])
    except (ValueError, KeyError, TypeError):
        return ""


@cache
def _client(url: str, timeout: float) -> httpx.Client:
    """Connections are kept and shared by threads."""
    return httpx.Client(base_url=url, timeout=timeout)
