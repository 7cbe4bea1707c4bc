"""A small OpenSearch: a real HTTP server that speaks as much of its REST API as a shop's index needs, and fails on demand.

It answers with OpenSearch's own shapes: bulk items with statuses and version conflicts, ``hits.total.relation``, bucket
aggregations, term suggestions, and errors as ``{"error": {"type", "reason"}, "status"}``.
"""

from __future__ import annotations

import difflib
import json
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TEXTS = ("sku", "name", "category", "description")


class ApiError(Exception):
    def __init__(self, status: int, kind: str, reason: str = "") -> None:
        super().__init__(kind)
        self.status, self.kind, self.reason = status, kind, reason


@dataclass
class Index:
    mapping: dict[str, Any]
    documents: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)


@dataclass
class Cluster:
    """Its state, and the faults a test has set."""

    indexes: dict[str, Index] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    fail_with: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def index(self, name: str) -> Index:
        if name not in self.indexes:
            raise ApiError(404, "index_not_found_exception", f"no such index [{name}]")
        return self.indexes[name]

    def create(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        if name in self.indexes:
            raise ApiError(400, "resource_already_exists_exception", f"index [{name}] already exists")
        for kind in asked["mappings"]["properties"].values():
            if kind["type"] not in {"text", "keyword", "long", "integer", "float"}:
                raise ApiError(400, "mapper_parsing_exception")
        self.indexes[name] = Index(asked["mappings"])
        return {"acknowledged": True, "index": name}

    def bulk(self, lines: list[dict[str, Any]]) -> dict[str, Any]:
        items = [self._store(action["index"], source) for action, source in zip(lines[::2], lines[1::2], strict=True)]
        return {"errors": any(item["index"]["status"] >= 400 for item in items), "items": items}

    def _store(self, action: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
        index, key, version = self.index(action["_index"]), action["_id"], action["version"]
        assert action["version_type"] == "external_gte"
        if unknown := set(source) - set(index.mapping["properties"]):
            return {
                "index": {
                    "_id": key,
                    "status": 400,
                    "error": {"type": "strict_dynamic_mapping_exception", "reason": str(unknown)},
                }
            }
        there = index.documents.get(key)
        if there and there[0] > version:
            return {"index": {"_id": key, "status": 409, "error": {"type": "version_conflict_engine_exception"}}}
        index.documents[key] = (version, source)
        return {"index": {"_id": key, "status": 200 if there else 201, "_version": version}}

    def search(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        documents = [source for _, source in self.index(name).documents.values()]
        ask = asked["query"]["bool"]
        (words,) = (clause["match_bool_prefix"]["all"]["query"] for clause in ask["must"])
        matching = [each for each in documents if _matches(words, each) and all(_passes(each, one) for one in ask["filter"])]
        scored = [(each, _score(words, each)) for each in matching]
        for order in reversed(asked["sort"]):
            ((by, way),) = order.items()
            scored.sort(key=lambda pair: pair[1] if by == "_score" else pair[0][by], reverse=way == "desc")
        at, most = asked["from"], asked["track_total_hits"]
        page = scored[at : at + asked["size"]]
        return {
            "hits": {
                "total": {"value": min(len(matching), most), "relation": "eq" if len(matching) <= most else "gte"},
                "hits": [{"_id": each["productId"], "_score": score, "_source": each} for each, score in page],
            },
            "aggregations": _aggregated(matching, asked["aggs"]),
            "suggest": {"meant": _suggestions(asked["suggest"]["text"], documents)},
        }


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return [word.rstrip("s") or word for word in re.findall(r"[a-z0-9]+", plain)]


def _matches(words: str, document: dict[str, Any]) -> bool:
    there = {token for name in TEXTS for token in _tokens(document[name])}
    *whole, last = _tokens(words) or [""]
    return bool(last) and all(word in there for word in whole) and any(token.startswith(last) for token in there)


def _score(words: str, document: dict[str, Any]) -> float:
    worth = dict(zip(TEXTS, (8.0, 10.0, 4.0, 1.0), strict=True))
    return sum(worth[name] * len(set(_tokens(words)) & set(_tokens(document[name]))) for name in TEXTS) + 0.1


def _passes(document: dict[str, Any], clause: dict[str, Any]) -> bool:
    ((kind, inner),) = clause.items()
    ((name, wanted),) = inner.items()
    value = document[name.removesuffix(".whole")]
    if kind == "term":
        return bool(value == wanted)
    return wanted.get("gte", value) <= value <= wanted.get("lte", value)


def _aggregated(documents: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    categories = Counter(each["category"] for each in documents)
    rated = [each for each in documents if each["reviews"] > 0]
    return {
        "categories": {"buckets": [{"key": key, "doc_count": count} for key, count in categories.most_common()]},
        "bands": {"buckets": _ranges(documents, "price", asked["bands"]["range"]["ranges"])},
        "rated": {
            "doc_count": len(rated),
            "stars": {"buckets": _ranges(rated, "rating", asked["rated"]["aggs"]["stars"]["range"]["ranges"])},
        },
    }


def _ranges(documents: list[dict[str, Any]], name: str, ranges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    far = float("inf")
    return [
        {
            **{side: float(bound) for side, bound in one.items()},
            "doc_count": sum(one["from"] <= each[name] < one.get("to", far) for each in documents),
        }
        for one in ranges
    ]


def _suggestions(text: str, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {token for each in documents for name in TEXTS for token in _tokens(each[name])}
    found = []
    for word in re.finditer(r"\w+", text):
        near = [] if set(_tokens(word.group())) <= known else difflib.get_close_matches(word.group().lower(), known, 1, 0.7)
        options = [{"text": one, "score": 0.8, "freq": 1} for one in near]
        found.append({"text": word.group(), "offset": word.start(), "length": len(word.group()), "options": options})
    return found


class Handler(BaseHTTPRequestHandler):
    """One request. The cluster it is about hangs on the server."""

    protocol_version = "HTTP/1.1"
    server: Any

    def serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        status = 200
        try:
            with self.server.cluster.lock:
                answer = self._answer(self.server.cluster, content)
        except ApiError as error:
            status = error.status
            answer = {"error": {"type": error.kind, "reason": error.reason}, "status": error.status}
        sent = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def _answer(self, cluster: Cluster, content: str) -> dict[str, Any]:
        cluster.requests.append((self.command, self.path))
        if cluster.fail_with:
            raise ApiError(cluster.fail_with, "circuit_breaking_exception", "Data too large")
        _, index, *action = self.path.split("/")
        if index == "_bulk":
            assert self.headers["Content-Type"] == "application/x-ndjson"
            assert content.endswith("\n")
            return cluster.bulk([json.loads(line) for line in content.splitlines()])
        if self.command == "PUT":
            return cluster.create(index, json.loads(content))
        cluster.index(index)
        if self.command == "GET":
            return {index: {"mappings": cluster.index(index).mapping}}
        if self.command == "DELETE":
            del cluster.indexes[index]
            return {"acknowledged": True}
        return cluster.search(index, json.loads(content)) if action == ["_search"] else {"_shards": {"failed": 0}}

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


@contextmanager
def running() -> Iterator[tuple[str, Cluster]]:
    """Its address and its inside, while it runs."""
    cluster = Cluster()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.cluster = cluster  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", cluster
    finally:
        server.shutdown()
        server.server_close()
