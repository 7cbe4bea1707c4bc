"""Forgetting a customer, and what may stand in the way of it.

At once and in one transaction: profile, address book, password, sessions, segments. In the background, on ``CustomerErased`` and
``RedactMessages``: every copy that others keep. What is left is an ``Erasure``: an id, a time, a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from shop.contracts.accounts import LiftLegalHold, PlaceLegalHold
from shop.contracts.customers import CustomerView
from shop.contracts.messaging import RedactMessages
from shop.contracts.personal_data import (
    CartsOfCustomer,
    CustomerErased,
    EraseCustomer,
    ErasureView,
    GetCartsOfCustomer,
    GetOpenBusiness,
    OpenBusiness,
)
from shop.customers import verifications
from shop.customers.credentials import proof_for, wrong_password
from shop.customers.locking import locked_customer, now
from shop.customers.models import CustomerAccount, CustomerProfile, Erasure
from shop.customers.profiles import store
from shop.customers.queries import customer_view
from shop.http.permissions import no_such_customer
from shop.messaging.audit import record_action
from shop.messaging.bus import ask, publish, send
from shop.messaging.context import current_actor
from shop.messaging.errors import Refused
from shop.messaging.redaction import TARGET, redact_history, scrub_reasons
from shop.messaging.sets import fetch_rows

REASON: Final = "Erasure of personal data"
LATEST_CARTS: Final = 50  # a checkout that ordering has yet to hear of is seconds old

# Everything an erasure sets off is keyed by the customer.
UNDER_WAY: Final = """
    SELECT k FROM unnest(%s::text[]) AS k
    WHERE EXISTS (SELECT 1 FROM messaging_message m JOIN messaging_delivery d ON d.message_id = m.id
                  WHERE m.key = k AND m.key <> '' AND d.status IN ('open', 'leased', 'dead'))
"""


def erase_customer(command: EraseCustomer) -> ErasureView:
    """Forget the customer. A repeat answers how far it has come.

    Raises ``Missing``, and ``Refused``: 403 for a wrong password, 409 under a legal hold or while something is under way.
    """
    if command.password is not None:
        proof = proof_for(command.customer_id, command.password)
        if not CustomerAccount.objects.filter(pk=command.customer_id, password=proof.password_hash).exists():
            raise wrong_password()
    profile = CustomerProfile.objects.select_for_update().filter(pk=command.customer_id).first()
    if profile is None:
        return _view(_earlier(command.customer_id))
    if profile.legal_hold:
        raise Refused("legal_hold", "This customer is under a legal hold and cannot be erased before it is lifted.")
    _nothing_open(profile.pk)
    personal = _personal_texts(profile)
    reason = (command.reason or REASON)[:250]
    record_action(
        verb="erase",
        target_type=TARGET,
        target_id=profile.pk,
        reason=reason,
        before={"status": str(profile.status)},
        after={"status": "ERASED"},
    )
    verifications.forget(profile.pk)
    customer_id = profile.pk
    profile.delete()
    # That is on record too, with everything it took away; so the record comes last.
    scrub_reasons(customer_id, personal)
    redact_history([str(customer_id)])
    erasure = Erasure.objects.create(
        customer_id=customer_id,
        requested_at=now(),
        requested_by=current_actor(),
        reason="" if personal_in(reason, personal) else reason,
    )
    publish(CustomerErased(event_id=uuid7(), occurred_at=now(), customer_id=customer_id))
    send(RedactMessages(customer_id=customer_id, keys=[str(customer_id)], reason=REASON))
    return _view(erasure, begun=True)


def place_legal_hold(command: PlaceLegalHold) -> CustomerView:
    """No erasure before it is lifted; also a closed customer may be evidence. Twice is the same as once."""
    return _set_hold(command.customer_id, hold=True)


def lift_legal_hold(command: LiftLegalHold) -> CustomerView:
    """Erasure is possible again. Twice is the same as once."""
    return _set_hold(command.customer_id, hold=False)


def under_way(customer_ids: Sequence[UUID]) -> set[UUID]:
    """Of these erased customers, those of whom copies are still being redacted."""
    return {UUID(key) for (key,) in fetch_rows(UNDER_WAY, [[str(each) for each in customer_ids]])}


def personal_in(text: str, personal: Sequence[str]) -> bool:
    """Whether this text says who the customer is."""
    return any(each and each.casefold() in text.casefold() for each in personal)


def _set_hold(customer_id: UUID, *, hold: bool) -> CustomerView:
    profile = locked_customer(customer_id, closed_too=True)
    if profile.legal_hold != hold:
        profile.legal_hold = hold
        store(profile)
    return customer_view(profile)


def _nothing_open(customer_id: UUID) -> None:
    carts: CartsOfCustomer = ask(GetCartsOfCustomer(customer_id=customer_id, limit=LATEST_CARTS, latest=True))
    sessions = [cart.checkout_session_id for cart in carts.carts if cart.checkout_session_id is not None]
    business: OpenBusiness = ask(GetOpenBusiness(customer_id=customer_id, checkout_session_ids=sessions))
    if business.order_ids or business.checkout_session_ids:
        raise Refused(
            "open_business",
            "An order or a checkout of this customer is still under way. Cancel it or wait for its end.",
            data={
                "orderIds": [str(each) for each in business.order_ids],
                "checkoutSessionIds": [str(each) for each in business.checkout_session_ids],
            },
        )


def _personal_texts(profile: CustomerProfile) -> list[str]:
    texts = [profile.email, profile.name, *profile.name.split()]
    for address in profile.addresses.all():
        texts += [address.recipient_name, address.line1, address.line2]
    return [text for text in dict.fromkeys(texts) if text]


def _earlier(customer_id: UUID) -> Erasure:
    erasure = Erasure.objects.filter(pk=customer_id).first()
    if erasure is None:
        raise no_such_customer()
    return erasure


def _view(erasure: Erasure, *, begun: bool = False) -> ErasureView:
    return ErasureView(
        customer_id=erasure.customer_id,
        requested_at=erasure.requested_at,
        status="ERASING" if begun or under_way([erasure.customer_id]) else "ERASED",
    )
