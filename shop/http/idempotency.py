"""One ``Idempotency-Key``, one effect; the answer is stored in the very transaction of the effect.

Work that is one transaction takes its key in it: a lock that ends with the transaction keeps others out, and whoever slipped
through nevertheless cannot store a second answer. Work that takes longer claims the key first, in a transaction of its own
that need not survive a crash of the database. That claim is a lease: it runs out by the database's clock, and whoever has
lost it cannot commit (the fence)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import Error
from django.utils.crypto import salted_hmac

from shop.http.errors import RETRY_AFTER
from shop.http.replies import Reply
from shop.messaging.errors import Invalid, LeaseLost, Refused, Unprocessable
from shop.messaging.outgoing import current_unit
from shop.messaging.sets import fetch_rows, run

HEADER: Final = "Idempotency-Key"
LONGEST_KEY: Final = 255
ROUNDS: Final = 3  # a key may be given back between our claim and our look at it

# A claim that a crash of Postgres forgets has had no effect either, so its commit need not wait for the disk.
CLAIM: Final = """
    INSERT INTO shop_idempotencykey AS k (scope, key, fingerprint, lease, leased_until)
    SELECT %s, %s, %s, %s, now() + make_interval(secs => %s) FROM set_config('synchronous_commit', 'off', true)
    ON CONFLICT (scope, key) DO UPDATE SET lease = EXCLUDED.lease, leased_until = EXCLUDED.leased_until
    WHERE k.lease IS NOT NULL AND k.leased_until < now() AND k.fingerprint = EXCLUDED.fingerprint
    RETURNING k.id
"""
LOOK: Final = """
    SELECT fingerprint, status, body, ceil(greatest(extract(epoch FROM leased_until - now()), 1))::int
    FROM shop_idempotencykey WHERE scope = %s AND key = %s
"""
# The lock is looked at, not waited for. Who commits between this statement's snapshot and its lock is found out as we store.
TAKE: Final = """
    SELECT pg_try_advisory_xact_lock(hashtextextended('idempotency:' || %s || %s, 0)), now(), k.fingerprint, k.status, k.body,
           ceil(greatest(extract(epoch FROM k.leased_until - now()), 1))::int, coalesce(k.leased_until < now(), false)
    FROM (SELECT 1) AS one LEFT JOIN shop_idempotencykey k ON k.scope = %s AND k.key = %s
"""
KEEP: Final = """
    INSERT INTO shop_idempotencykey AS k (scope, key, fingerprint, status, body, customer_id) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (scope, key) DO UPDATE
    SET lease = NULL, leased_until = NULL, status = EXCLUDED.status, body = EXCLUDED.body, customer_id = EXCLUDED.customer_id
    WHERE k.lease IS NOT NULL AND k.leased_until < now() AND k.fingerprint = EXCLUDED.fingerprint
"""
STORE: Final = """
    UPDATE shop_idempotencykey SET lease = NULL, leased_until = NULL, status = %s, body = %s, customer_id = %s
    WHERE scope = %s AND key = %s AND lease = %s
"""
GIVE_BACK: Final = "DELETE FROM shop_idempotencykey WHERE scope = %s AND key = %s AND lease = %s"
LONGEST_WAIT: Final = 5  # seconds a client is told to wait at most; most requests are done much sooner


@dataclass(frozen=True, slots=True)
class Key:
    """One key of one caller for one address, and a keyed digest of what was sent with it. ``lease`` is whoever works on it
    longer than a transaction; nobody where it is taken in the transaction of the effect."""

    scope: str
    key: str
    fingerprint: str
    lease: UUID | None = field(default_factory=uuid4)


def key_for(header: str, *, caller: str, method: str, path: str, body: bytes) -> Key:
    """The key that the header names. The digest is keyed because a body may hold a password. Raises ``Invalid``."""
    if not 1 <= len(header) <= LONGEST_KEY or not header.isascii() or not header.isprintable():
        raise Invalid("invalid_idempotency_key", f"{HEADER} has to be 1 to {LONGEST_KEY} printable ASCII characters.")
    scope = hashlib.sha256("\n".join((caller, method, path)).encode()).hexdigest()
    fingerprint = salted_hmac("shop.http.idempotency", body, algorithm="sha256").hexdigest()
    return Key(scope, header, fingerprint)


Store = Callable[..., None]


def once(key: Key, work: Callable[[Store], Reply]) -> Reply:
    """The reply of ``work``, or the stored one of the same request done before.

    ``work(store)`` calls ``store(reply, customer_id)`` inside the transaction of its effect; an erasure finds the answer by the
    customer it is about. Raises ``Unprocessable`` (422) when the key
    came with another body and ``Refused`` (409, with the seconds to wait) while the first is still running. When ``work``
    raises, the key is free again: nothing happened.
    """
    stored = _claim(key)
    if stored is not None:
        return stored
    try:
        return work(lambda reply, customer_id=None: _store(key, reply, customer_id))
    except Exception:
        _give_back(key)
        raise


class _AnsweredBefore(Exception):
    """Ends the transaction that would have done it again."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("answered before")
        self.reply = reply


def once_in_a_transaction(key: Key, work: Callable[[Callable[[], None], Store], Reply]) -> Reply:
    """The same for ``work(begin, store)`` that is one transaction: it calls ``begin()`` as the first thing in it and
    ``store(reply, customer_id)`` as the last. Nothing is written unless it commits."""
    taken = replace(key, lease=None)
    try:
        return work(lambda: _take(taken), lambda reply, customer_id=None: _store(taken, reply, customer_id))
    except _AnsweredBefore as answered:
        return answered.reply


def _take(key: Key) -> None:
    ((locked, now, fingerprint, status, body, seconds, over),) = fetch_rows(TAKE, [key.scope, key.key, key.scope, key.key])
    current_unit().began_at = now
    if fingerprint is not None and not (over and fingerprint == key.fingerprint):
        raise _AnsweredBefore(_replayed(key, fingerprint, status, body, seconds))
    if not locked:
        raise _in_progress(1)


def _claim(key: Key) -> Reply | None:
    lease_seconds = settings.IDEMPOTENCY_LEASE_SECONDS
    for _ in range(ROUNDS):
        if fetch_rows(CLAIM, [key.scope, key.key, key.fingerprint, key.lease, lease_seconds]):
            return None
        found = fetch_rows(LOOK, [key.scope, key.key])
        if found:
            return _replayed(key, *found[0])
    raise _in_progress(1)


def _replayed(key: Key, fingerprint: str, status: int | None, body: str, seconds: int | None) -> Reply:
    if fingerprint != key.fingerprint:
        raise Unprocessable("idempotency_key_reused", f"This {HEADER} was used for a different request.")
    if status is None:
        raise _in_progress(min(seconds or 1, LONGEST_WAIT))
    return Reply(status, body, replayed=True)


def _in_progress(seconds: int) -> Refused:
    return Refused("request_in_progress", "The same request is being worked on.", data={RETRY_AFTER: seconds})


def _store(key: Key, reply: Reply, customer_id: UUID | None) -> None:
    if key.lease is None:
        stored = run(KEEP, [key.scope, key.key, key.fingerprint, reply.status, reply.body, customer_id])
    else:
        stored = run(STORE, [reply.status, reply.body, customer_id, key.scope, key.key, key.lease])
    if stored != 1:
        raise LeaseLost("another worker took this request over")


def _give_back(key: Key) -> None:
    """Free the key; if the database is gone, the lease runs out by itself. A stored answer has no lease any more."""
    try:
        run(GIVE_BACK, [key.scope, key.key, key.lease])
    except Error:
        return
