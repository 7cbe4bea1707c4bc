"""Where a customer is logged in, and the end of that."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from shop.contracts.accounts import EndSession, EndSessions, GetSessions, SessionList, SessionView
from shop.customers.models import AuthenticationSession, CustomerProfile
from shop.http.permissions import no_such_customer
from shop.messaging.errors import Missing

MOST_SHOWN: Final = 200


def get_sessions(query: GetSessions) -> SessionList:
    """The logins that still count, the newest first. Raises ``Missing``."""
    _must_be_there(query.customer_id)
    return SessionList(customer_id=query.customer_id, sessions=live_sessions(query.customer_id, query.current_session_id))


def live_sessions(customer_id: UUID, current: UUID | None = None) -> list[SessionView]:
    """The same, of a customer who is known to be there."""
    rows = AuthenticationSession.objects.filter(account=customer_id, revoked_at__isnull=True, expires_at__gt=Now())
    return [
        SessionView(
            session_id=row.pk,
            created_at=row.created_at,
            expires_at=row.expires_at,
            ip_address=row.ip_address,
            current=row.pk == current,
        )
        for row in rows.order_by("-created_at", "-id")[:MOST_SHOWN]
    ]


def end_session(command: EndSession) -> None:
    """The token of this login is worthless from now on. Raises ``Missing``, also for somebody else's."""
    mine = AuthenticationSession.objects.filter(pk=command.session_id, account=command.customer_id)
    if not mine.exists():
        raise Missing("session_not_found", "There is no such login.")
    mine.filter(revoked_at__isnull=True).update(revoked_at=Now())


def end_sessions(command: EndSessions) -> None:
    """Every token of this customer is worthless from now on. Raises ``Missing``."""
    _must_be_there(command.customer_id)
    end_all(command.customer_id)


def end_all(customer_id: UUID, *, but: UUID | None = None) -> None:
    """End every login, except one that is to go on."""
    rows = AuthenticationSession.objects.filter(account=customer_id, revoked_at__isnull=True)
    rows.filter(~Q(pk=but) if but else Q()).update(revoked_at=Now())


def _must_be_there(customer_id: UUID) -> None:
    if not CustomerProfile.objects.filter(pk=customer_id).exists():
        raise no_such_customer()
