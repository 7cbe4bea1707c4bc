"""What a customer does with the account: password, e-mail address, sessions, membership of segments, legal holds.

A change that somebody has to confirm travels as a token in an event to whoever sends mail. It is used once, soon worthless, kept
as a hash, and taken out of the event when it is used or has expired.
"""

from typing import Annotated

from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.customers import OWNER, CustomerView
from shop.contracts.fields import (
    Email,
    Name,
    Password,
    Personal,
    Remark,
    RequiredReason,
    Secret,
    Text,
    UpToMostItems,
    UtcTime,
    Uuid,
)

Token = Annotated[Text, Personal]
# Up to 30 capitals, digits and underscores, a letter first. NEW has never completed a checkout and RETURNING has: rules nobody
# assigns. Every other segment is filled by operators.
Segment = Name


class SessionView(Part):
    """One login that still counts. ``current`` is the one that asks."""

    session_id: Uuid
    created_at: UtcTime
    expires_at: UtcTime
    ip_address: Annotated[Name | None, Personal] = None
    current: bool


class SessionList(Part):
    """The logins of a customer that still count, the newest first, at most 200."""

    customer_id: Uuid
    sessions: Annotated[list[SessionView], UpToMostItems]


class GetSessions(Query):
    """Where a customer is logged in."""

    owner = OWNER
    http = Http("GET", "/customers/{customerId}/sessions", (200, 404))
    response = SessionList

    customer_id: Uuid
    current_session_id: Uuid | None = None


class EndSession(Command):
    """End one login of a customer. Ending it twice is the same as once."""

    owner = OWNER
    key = "customer_id"
    http = Http("DELETE", "/customers/{customerId}/sessions/{sessionId}", (204, 404))

    customer_id: Uuid
    session_id: Uuid


class EndSessions(Command):
    """End every login of a customer."""

    owner = OWNER
    key = "customer_id"
    http = Http("DELETE", "/customers/{customerId}/sessions", (204, 404))

    customer_id: Uuid


class ChangePassword(Command):
    """Replace a password by whoever knows it. Every other login ends."""

    owner = OWNER
    key = "customer_id"
    http = Http("POST", "/customers/{customerId}/password", (204, 400, 401, 403, 404))

    customer_id: Uuid
    password: Secret
    new_password: Password
    keep_session_id: Uuid | None = None


class RequestPasswordReset(Command):
    """Have a token sent to this address if a customer has it. Who asks is never told whether one has."""

    owner = OWNER
    http = Http("POST", "/password-resets", (204, 400))

    email: Email


class ResetPassword(Command):
    """Replace a password by whoever got the token. Every login ends."""

    owner = OWNER
    http = Http("POST", "/password-resets/confirm", (204, 400))

    token: Token
    new_password: Password


class PendingEmail(Part):
    """The address that becomes the customer's once the token sent to it comes back."""

    customer_id: Uuid
    email: Email
    expires_at: UtcTime


class RequestEmailChange(Command):
    """Ask for another e-mail address, proven with the password. Nothing changes before the new address confirms it."""

    owner = OWNER
    key = "customer_id"
    http = Http("POST", "/customers/{customerId}/email", (202, 400, 401, 403, 404, 409))
    response = PendingEmail

    customer_id: Uuid
    email: Email
    password: Secret


class ConfirmEmailChange(Command):
    """The token arrived at the new address: it is the customer's from now on."""

    owner = OWNER
    http = Http("POST", "/email-confirmations", (200, 400, 409))
    response = CustomerView

    token: Token


class EmailChangeRequested(Event):
    """Whoever sends mail sends this token to the new address."""

    owner = OWNER
    key = "verification_id"

    event_id: Uuid
    occurred_at: UtcTime
    verification_id: Uuid
    customer_id: Uuid
    email: Email
    token: Token
    expires_at: UtcTime


class PasswordResetRequested(Event):
    """Whoever sends mail sends this token to the customer's address."""

    owner = OWNER
    key = "verification_id"

    event_id: Uuid
    occurred_at: UtcTime
    verification_id: Uuid
    customer_id: Uuid
    email: Email
    token: Token
    expires_at: UtcTime


class PasswordChanged(Event):
    """A customer has another password now. Whoever sends mail tells the customer."""

    owner = OWNER
    key = "customer_id"

    event_id: Uuid
    occurred_at: UtcTime
    customer_id: Uuid


class AdmitToCheckout(Command):
    """Say that a customer may buy, for as long as the asking transaction lasts: a suspension waits for it, or is seen by it."""

    owner = OWNER
    key = "customer_id"
    response = CustomerView

    customer_id: Uuid


class SegmentsView(Part):
    """The segments operators have put a customer into, in alphabetical order."""

    customer_id: Uuid
    segments: Annotated[list[Segment], UpToMostItems]


class AssignSegment(Command):
    """Put a customer into a segment that promotions may be meant for. Twice is the same as once."""

    owner = OWNER
    key = "customer_id"
    response = SegmentsView

    customer_id: Uuid
    segment: Segment


class RemoveFromSegment(Command):
    """Take a customer out of a segment. Twice is the same as once."""

    owner = OWNER
    key = "customer_id"
    response = SegmentsView

    customer_id: Uuid
    segment: Segment


class GetSegments(Query):
    """Which segments a customer was put into; an unknown customer is in none."""

    owner = OWNER
    response = SegmentsView

    customer_id: Uuid


class PlaceLegalHold(Command):
    """Keep everything about a customer for as long as it is needed as evidence: no erasure before it is lifted."""

    owner = OWNER
    key = "customer_id"
    response = CustomerView

    customer_id: Uuid
    reason: Annotated[RequiredReason, Remark]


class LiftLegalHold(Command):
    """Allow a customer to be erased again."""

    owner = OWNER
    key = "customer_id"
    response = CustomerView

    customer_id: Uuid
    reason: Annotated[RequiredReason, Remark]
