"""What happens to customers: registration, changes of the profile, login and logout."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from django_fsm import can_proceed
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from shop.contracts.customers import (
    AccessToken,
    AddCustomerAddress,
    AddressView,
    AuthenticateCustomer,
    CustomerAuthenticated,
    CustomerChanges,
    CustomerRegistered,
    CustomerUpdated,
    CustomerView,
    PurgeLogins,
    RegisterCustomer,
    RegisteredCustomer,
    RemoveCustomerAddress,
    RevokeSession,
    UpdateCustomer,
    UpdateCustomerAddress,
)
from shop.contracts.shopping import ClaimCart, ClaimedCart
from shop.customers import book, sessions, verifications
from shop.customers.credentials import hash_of, proof_of, wrong_credentials
from shop.customers.emails import email_key, email_taken
from shop.customers.locking import locked_customer, now
from shop.customers.models import AuthenticationSession, CustomerAccount, CustomerProfile
from shop.customers.profiles import store
from shop.customers.queries import address_view, customer_view
from shop.customers.states import CustomerState
from shop.http.authentication import digest
from shop.messaging.audit import record_action
from shop.messaging.bus import call, publish, unit_of_work
from shop.messaging.errors import Refused
from shop.messaging.sets import fetch_rows, insert_rows, run

PROFILE: Final = (("id", "uuid"), ("email", "text"), ("email_key", "text"), ("name", "text"), ("status", "text"))
METHOD: Final = "PASSWORD"
TARGET: Final = "shop.customerprofile"
VERBS: Final = {"ACTIVE": "reactivate", "SUSPENDED": "suspend", "CLOSED": "close"}

OPEN_SESSION: Final = """
    INSERT INTO shop_authenticationsession (id, account_id, token_sha256, ip_address, expires_at)
    VALUES (%s, %s, %s, %s, now() + make_interval(secs => %s)) RETURNING created_at
"""
PURGE_SESSIONS: Final = """
    DELETE FROM shop_authenticationsession WHERE id IN (
        SELECT id FROM shop_authenticationsession WHERE expires_at < now() ORDER BY expires_at LIMIT %s
        FOR UPDATE SKIP LOCKED)
"""
PURGE_COUNTERS: Final = """
    DELETE FROM shop_logincounter WHERE subject IN (
        SELECT subject FROM shop_logincounter WHERE window_ends_at < now() ORDER BY window_ends_at LIMIT %s
        FOR UPDATE SKIP LOCKED)
"""

TRANSITIONS: Final[Mapping[str, Callable[[CustomerProfile], Callable[[], None]]]] = {
    CustomerState.ACTIVE: lambda profile: profile.reactivate,
    CustomerState.SUSPENDED: lambda profile: profile.suspend,
    CustomerState.CLOSED: lambda profile: profile.close,
}


def register_customer(command: RegisterCustomer) -> CustomerView:
    """A profile and the account that logs in to it. Raises ``Refused`` when the address is taken."""
    row = (uuid7(), command.email, email_key(command.email), command.name or "", CustomerState.ACTIVE.value)
    created = insert_rows(
        "shop_customerprofile", PROFILE, [row], tail="ON CONFLICT (email_key) DO NOTHING RETURNING registered_at"
    )
    if not created:
        raise email_taken()
    ((registered_at,),) = created
    CustomerAccount.objects.create(customer_id=row[0], password=hash_of(command.password))
    customer = RegisteredCustomer(customer_id=row[0], email=command.email, name=command.name, status="ACTIVE")
    publish(CustomerRegistered(event_id=uuid7(), occurred_at=registered_at, customer=customer))
    return CustomerView(**dict(customer), registered_at=registered_at)


def update_customer(command: UpdateCustomer) -> CustomerView:
    """Change what differs and say so; nothing else. Whoever is suspended or closed is logged out everywhere.

    Raises ``Missing``, and ``Refused`` for a closed customer, a taken address or a transition that is not allowed.
    """
    profile = locked_customer(command.customer_id)
    email = command.email if command.email != profile.email else None
    name = command.name if command.name != profile.name else None
    status = command.status if command.status != profile.status else None
    if not (email or name or status):
        return customer_view(profile)
    profile.email = email or profile.email
    profile.email_key = email_key(profile.email)
    profile.name = name or profile.name
    if status:
        _move(profile, status, command.reason or "")
    store(profile)
    if email or status:
        verifications.forget(profile.pk)
    changes = CustomerChanges(email=email, name=name, status=status)
    publish(CustomerUpdated(event_id=uuid7(), occurred_at=now(), customer_id=profile.pk, changes=changes))
    return customer_view(profile)


def _move(profile: CustomerProfile, status: str, reason: str) -> None:
    move = TRANSITIONS[status](profile)
    if not can_proceed(move):
        raise Refused("transition_not_allowed", f"A customer who is {profile.status} cannot become {status}.")
    before = {"status": str(profile.status)}
    move()
    profile.status_reason = reason
    if profile.status != CustomerState.ACTIVE:
        sessions.end_all(profile.pk)
    if reason.strip():
        after = {"status": str(profile.status)}
        record_action(verb=VERBS[status], target_type=TARGET, target_id=profile.pk, reason=reason, before=before, after=after)


def authenticate_customer(command: AuthenticateCustomer) -> AccessToken:
    """A new login; the cart that was filled before it becomes the customer's. Raises ``Refused`` (401); why is not said."""
    proof = proof_of(command.email, command.password)
    cart = _claimed(command.cart_id, proof.customer_id)  # carts are locked before customers, as a checkout does
    if not _still_holds(proof.customer_id, proof.password_hash):
        raise wrong_credentials()
    token, lifetime = secrets.token_urlsafe(32), settings.SESSION_HOURS * 3600
    ip_address = proof.ip_address or None
    ((logged_in_at,),) = fetch_rows(OPEN_SESSION, [uuid7(), proof.customer_id, digest(token), ip_address, lifetime])
    publish(
        CustomerAuthenticated(
            event_id=uuid7(),
            occurred_at=logged_in_at,
            customer_id=proof.customer_id,
            method=METHOD,
            ip_address=ip_address,
        )
    )
    return AccessToken(
        access_token=SecretStr(token),
        token_type="Bearer",  # noqa: S106
        expires_in=lifetime,
        cart=cart,
    )


def _claimed(cart_id: UUID | None, customer_id: UUID) -> ClaimedCart | None:
    """What became of the cart. One that cannot be claimed says why and never keeps anybody from logging in."""
    if cart_id is None:
        return None
    try:
        with unit_of_work():
            claimed: ClaimedCart = call(ClaimCart(cart_id=cart_id, customer_id=customer_id))
            return claimed
    except Refused as refusal:
        return ClaimedCart(cart_id=cart_id, outcome="REFUSED", message=refusal.message)


def _still_holds(customer_id: UUID, password_hash: str) -> bool:
    """Whether neither password nor status changed since the password was checked. Locks the profile against a suspension."""
    profile = CustomerProfile.objects.select_for_update(no_key=True).get(pk=customer_id)
    account = CustomerAccount.objects.get(pk=customer_id)
    return bool(profile.status == CustomerState.ACTIVE) and account.password == password_hash


def revoke_session(command: RevokeSession) -> None:
    """The token of this login is worthless from now on; a repeat changes nothing."""
    AuthenticationSession.objects.filter(pk=command.session_id, revoked_at__isnull=True).update(revoked_at=Now())


def purge_logins(command: PurgeLogins) -> None:
    """Forget logins and tokens that have expired and attempts that no longer count, at most ``limit`` of each."""
    run(PURGE_SESSIONS, [command.limit])
    run(PURGE_COUNTERS, [command.limit])
    verifications.purge(command.limit)


def add_customer_address(command: AddCustomerAddress) -> AddressView:
    """Add to the book. Raises ``Missing`` for an unknown customer and ``Refused`` for a full book."""
    locked_customer(command.customer_id)
    return address_view(book.add(command.customer_id, command.address, command.address_id, command.is_default))


def update_customer_address(command: UpdateCustomerAddress) -> AddressView:
    """Replace an address or move the default. Raises ``Missing``."""
    locked_customer(command.customer_id)
    row = book.entry(command.customer_id, command.address_id)
    book.change(row, command.address, command.is_default)
    row.refresh_from_db()
    return address_view(row)


def remove_customer_address(command: RemoveCustomerAddress) -> None:
    """Take an address out; another becomes the default if it was. Raises ``Missing``."""
    locked_customer(command.customer_id)
    book.entry(command.customer_id, command.address_id).delete()
    book.keep_a_default(command.customer_id)
