"""What a customer changes about the login: the password, and the e-mail address that goes with it."""

from __future__ import annotations

from uuid import UUID

from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from shop.contracts.accounts import (
    ChangePassword,
    ConfirmEmailChange,
    EmailChangeRequested,
    PasswordChanged,
    PasswordResetRequested,
    PendingEmail,
    RequestEmailChange,
    RequestPasswordReset,
    ResetPassword,
)
from shop.contracts.customers import CustomerChanges, CustomerUpdated, CustomerView
from shop.contracts.messaging import RedactMessages
from shop.customers import sessions, verifications
from shop.customers.credentials import hash_of, proof_for, wrong_password
from shop.customers.emails import email_key, email_taken
from shop.customers.locking import locked_customer, now
from shop.customers.models import CustomerAccount, CustomerProfile
from shop.customers.profiles import store
from shop.customers.queries import customer_view
from shop.customers.states import CustomerState, VerificationPurpose
from shop.messaging.bus import publish, send
from shop.messaging.outgoing import current_unit

EMAIL, PASSWORD = VerificationPurpose.EMAIL, VerificationPurpose.PASSWORD


def change_password(command: ChangePassword) -> None:
    """Replace the password; every login but the one that asks ends, and open tokens are worthless.

    Raises ``Refused`` (403) when the old one is wrong, or was changed meanwhile.
    """
    profile = _proven(command.customer_id, command)
    _set_password(profile.pk, hash_of(command.new_password))
    sessions.end_all(profile.pk, but=command.keep_session_id)


def request_password_reset(command: RequestPasswordReset) -> None:
    """A token for the customer with this address, if there is one who may log in. The answer is the same either way."""
    key = email_key(command.email)
    profile = CustomerProfile.objects.select_for_update(no_key=True).filter(email_key=key, status=CustomerState.ACTIVE).first()
    if profile is None:
        # What was typed belongs to nobody who could ever have it erased.
        cause = current_unit().cause
        send(RedactMessages(message_ids=[cause.id] if cause and cause.id else []))
        return
    opened = verifications.open_for(profile.pk, PASSWORD)
    publish(
        PasswordResetRequested(
            event_id=uuid7(),
            occurred_at=opened.made_at,
            verification_id=opened.id,
            customer_id=profile.pk,
            email=profile.email,
            token=opened.token,
            expires_at=opened.expires_at,
        )
    )


def reset_password(command: ResetPassword) -> None:
    """Replace the password of the customer whose token this is; every login ends. Raises ``Invalid`` (400)."""
    profile, _ = verifications.locked_customer_of(command.token, PASSWORD)
    _set_password(profile.pk, hash_of(command.new_password))
    sessions.end_all(profile.pk)


def request_email_change(command: RequestEmailChange) -> PendingEmail:
    """A token for the new address. Raises ``Refused``: 403 for a wrong password, 409 for an address that is taken."""
    profile = _proven(command.customer_id, command)
    if _taken(command.email, profile.pk):
        raise email_taken()
    opened = verifications.open_for(profile.pk, EMAIL, command.email)
    publish(
        EmailChangeRequested(
            event_id=uuid7(),
            occurred_at=opened.made_at,
            verification_id=opened.id,
            customer_id=profile.pk,
            email=command.email,
            token=opened.token,
            expires_at=opened.expires_at,
        )
    )
    return PendingEmail(customer_id=profile.pk, email=command.email, expires_at=opened.expires_at)


def confirm_email_change(command: ConfirmEmailChange) -> CustomerView:
    """The confirmed address logs in from now on; a reset sent to the old one is worthless.

    Raises ``Invalid`` (400) for a worthless token and ``Refused`` (409) when somebody else has taken the address meanwhile.
    """
    profile, verification = verifications.locked_customer_of(command.token, EMAIL)
    if profile.email != verification.email:
        profile.email, profile.email_key = verification.email, email_key(verification.email)
        store(profile)
        changes = CustomerChanges(email=profile.email)
        publish(CustomerUpdated(event_id=uuid7(), occurred_at=now(), customer_id=profile.pk, changes=changes))
    verifications.forget(profile.pk)
    return customer_view(profile)


def _proven(customer_id: UUID, command: ChangePassword | RequestEmailChange) -> CustomerProfile:
    """The customer, locked, whose password this is. Raises ``Refused`` (403), or ``Missing``."""
    proof = proof_for(customer_id, command.password)
    profile = locked_customer(customer_id)
    account = CustomerAccount.objects.get(pk=customer_id)
    if profile.status != CustomerState.ACTIVE or account.password != proof.password_hash:
        raise wrong_password()
    return profile


def _set_password(customer_id: UUID, password_hash: str) -> None:
    CustomerAccount.objects.filter(pk=customer_id).update(password=password_hash, password_changed_at=Now())
    verifications.forget(customer_id)
    publish(PasswordChanged(event_id=uuid7(), occurred_at=now(), customer_id=customer_id))


def _taken(email: str, customer_id: UUID) -> bool:
    return CustomerProfile.objects.filter(email_key=email_key(email)).exclude(pk=customer_id).exists()
