"""Passwords. A hash takes a tenth of a second, so a front door makes or checks it before the transaction opens and leaves the
result here for the handler; a handler that finds nothing (a script executes the command) does it itself. Neither a password
nor what proves one is ever part of a stored message."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from pydantic import SecretStr

from shop.customers.emails import email_key
from shop.customers.models import CustomerAccount, CustomerProfile
from shop.customers.states import CustomerState
from shop.customers.throttling import counted_login
from shop.http.permissions import no_such_customer
from shop.messaging.errors import Refused

# One hash takes 100 MB; more of them at once than this and logins would push everything else out of memory.
HASHES_AT_ONCE: Final = 2
_hashing = BoundedSemaphore(HASHES_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody typed the password that belongs to ``password_hash``; good only while that is still the customer's."""

    customer_id: UUID
    password_hash: str
    ip_address: str = ""


_hashed: ContextVar[tuple[SecretStr, str] | None] = ContextVar("hashed", default=None)
_proven: ContextVar[tuple[SecretStr, Proof] | None] = ContextVar("proven", default=None)


def wrong_credentials() -> Refused:
    """The one answer for an unknown address, a wrong password and a customer who may not log in."""
    return Refused("invalid_credentials", "The e-mail address or the password is wrong.", status=401)


@contextmanager
def hashed_beforehand(password: SecretStr) -> Iterator[None]:
    """The hash of ``password`` is ready for the handler that runs inside."""
    token = _hashed.set((password, _hash(password)))
    try:
        yield
    finally:
        _hashed.reset(token)


def hash_of(password: SecretStr) -> str:
    """The Argon2 hash to store for this password."""
    ready = _hashed.get()
    return ready[1] if ready is not None and ready[0] is password else _hash(password)


@contextmanager
def proven_beforehand(email: str, password: SecretStr, ip_address: str) -> Iterator[None]:
    """Check the password now, for the handler that runs inside. Raises ``Refused`` (401), after one hash in every case."""
    token = _proven.set((password, _prove(email, password, ip_address)))
    try:
        yield
    finally:
        _proven.reset(token)


def proof_of(email: str, password: SecretStr) -> Proof:
    """The proof that this password is that customer's. Raises ``Refused`` (401)."""
    ready = _proven.get()
    return ready[1] if ready is not None and ready[0] is password else _prove(email, password, "")


def wrong_password() -> Refused:
    """Whoever is logged in typed another password than the account's."""
    sentence = "The password is wrong."
    return Refused("wrong_password", sentence, errors={"password": [sentence]}, status=403)


@contextmanager
def proven_again(customer_id: UUID, password: SecretStr, ip_address: str) -> Iterator[None]:
    """Check the password of somebody who is logged in, counted like a login. Raises ``Refused``: 429, or 403 after one hash."""
    email = CustomerProfile.objects.filter(pk=customer_id).values_list("email", flat=True).first()
    if email is None:
        raise no_such_customer()
    with counted_login(email, ip_address):
        proof = _prove_again(customer_id, password)
    token = _proven.set((password, proof))
    try:
        yield
    finally:
        _proven.reset(token)


def proof_for(customer_id: UUID, password: SecretStr) -> Proof:
    """The proof that this password is this customer's. Raises ``Refused`` (403)."""
    ready = _proven.get()
    if ready is not None and ready[0] is password and ready[1].customer_id == customer_id:
        return ready[1]
    return _prove_again(customer_id, password)


def _prove_again(customer_id: UUID, password: SecretStr) -> Proof:
    found = CustomerAccount.objects.filter(pk=customer_id).values_list("password", flat=True).first() or _nobodys_hash()
    with _hashing:
        right = check_password(password.get_secret_value(), found)
    if not right:
        raise wrong_password()
    return Proof(customer_id, found)


def _prove(email: str, password: SecretStr, ip_address: str) -> Proof:
    found = (
        CustomerAccount.objects.filter(customer__email_key=email_key(email), customer__status=CustomerState.ACTIVE)
        .values_list("customer_id", "password")
        .first()
    )
    customer_id, password_hash = found or (None, _nobodys_hash())
    with _hashing:
        right = check_password(password.get_secret_value(), password_hash)
    if customer_id is None or not right:
        raise wrong_credentials()
    return Proof(customer_id, password_hash, ip_address)


def _hash(password: SecretStr) -> str:
    with _hashing:
        return make_password(password.get_secret_value())


@cache
def _nobodys_hash() -> str:
    """What an unknown address is checked against, so that it takes as long as a wrong password."""
    return make_password(secrets.token_urlsafe())
