"""The books: everything a service must still know after a restart, in memory and in SQLite."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.sandbox.wire import Json

IndexedBy = Callable[[Json], Iterable[str]]

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
)
"""
UPSERT = "INSERT INTO record (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body"


@dataclass(slots=True)
class Changes:
    """Records to write in one transaction, keyed by kind and id; the last body for a key wins."""

    records: dict[tuple[str, str], Json] = field(default_factory=dict)

    def put(self, kind: str, id: str, body: Json) -> None:
        """Create or replace one record."""
        self.records[kind, id] = body


class Books:
    """Records by kind and id, read from memory and durable before `commit` returns.

    `path` None keeps them in memory only. `indexed_by` maps a kind to the keys a record is found by; the keys of a
    record must never change. Bodies handed out are copies: change one and `put` it to change the books.
    WAL with `synchronous=NORMAL` survives kill -9 of the process, which is what a stand-in has to survive.
    """

    def __init__(self, path: Path | None = None, indexed_by: dict[str, IndexedBy] | None = None) -> None:
        self._lock = threading.RLock()
        self._indexed_by = indexed_by or {}
        self._records: dict[str, dict[str, str]] = {}  # as JSON: cheaper to copy than dictionaries
        self._index: dict[tuple[str, str], list[str]] = {}
        self._database = _open(path) if path else None
        if self._database:
            rows = self._database.execute("SELECT kind, id, body FROM record ORDER BY seq")
            for kind, id, body in rows:
                self._remember(kind, id, body, json.loads(body))

    def get(self, kind: str, id: str) -> Json | None:
        """A copy of one record, or None."""
        with self._lock:
            body = self._records.get(kind, {}).get(id)
        return json.loads(body) if body else None

    def has(self, kind: str, id: str) -> bool:
        """Whether there is such a record."""
        with self._lock:
            return id in self._records.get(kind, {})

    def all(self, kind: str) -> list[Json]:
        """Copies of all records of a kind, oldest first."""
        with self._lock:
            bodies = list(self._records.get(kind, {}).values())
        return [json.loads(body) for body in bodies]

    def find(self, kind: str, key: str) -> list[Json]:
        """Copies of the records indexed under `key`, oldest first."""
        with self._lock:
            bodies = [self._records[kind][id] for id in self._index.get((kind, key), ())]
        return [json.loads(body) for body in bodies]

    def commit(self, changes: Changes) -> None:
        """Write all changes in one transaction, then show them to readers."""
        rows = [(kind, id, json.dumps(body)) for (kind, id), body in changes.records.items()]
        with self._lock:
            if self._database and rows:
                with self._database:
                    self._database.executemany(UPSERT, rows)
            for kind, id, body in rows:
                self._remember(kind, id, body, changes.records[kind, id])

    def clear(self, *kinds: str) -> None:
        """Forget the given kinds, or everything."""
        with self._lock:
            for kind in kinds or tuple(self._records):
                self._records.pop(kind, None)
                self._index = {key: ids for key, ids in self._index.items() if key[0] != kind}
                if self._database:
                    with self._database:
                        self._database.execute("DELETE FROM record WHERE kind = ?", (kind,))

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Forget afterwards whatever was written inside. Only for books kept in memory alone: a file does not forget."""
        assert self._database is None
        with self._lock:
            records = {kind: dict(bodies) for kind, bodies in self._records.items()}
            index = {key: list(ids) for key, ids in self._index.items()}
        yield
        with self._lock:
            self._records, self._index = records, index

    def close(self) -> None:
        """Close the file. The books must not be used afterwards."""
        with self._lock:
            if self._database:
                self._database.close()

    def _remember(self, kind: str, id: str, body: str, decoded: Json) -> None:
        records = self._records.setdefault(kind, {})
        if id not in records and kind in self._indexed_by:
            for key in self._indexed_by[kind](decoded):
                self._index.setdefault((kind, key), []).append(id)
        records[id] = body


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, check_same_thread=False, timeout=1)
    try:
        database.execute("PRAGMA locking_mode=EXCLUSIVE")  # two sandboxes on one file would each keep half the money
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(SCHEMA)
        database.commit()
    except sqlite3.OperationalError as error:
        database.close()
        message = f"{path} is in use by another sandbox; stop it or choose another state directory"
        raise RuntimeError(message) from error
    return database
