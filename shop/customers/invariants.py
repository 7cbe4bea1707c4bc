"""What must be true of customers: whoever may not log in has no login, and an erased one has left nothing here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

MOST: Final = 100

LOGGED_IN: Final = """
    SELECT p.id, p.status, count(*) FROM shop_customerprofile p JOIN shop_authenticationsession s ON s.account_id = p.id
    WHERE p.status <> 'ACTIVE' AND s.revoked_at IS NULL AND s.expires_at > now()
    GROUP BY p.id, p.status LIMIT %s
"""
STILL_THERE: Final = """
    SELECT e.customer_id, 'profile' FROM shop_erasure e JOIN shop_customerprofile p ON p.id = e.customer_id
    UNION ALL
    SELECT e.customer_id, 'open cart' FROM shop_erasure e JOIN shop_cart c ON c.customer_id = e.customer_id
    WHERE c.status = 'OPEN' AND e.requested_at < now() - make_interval(secs => %s)
    UNION ALL
    SELECT e.customer_id, 'kept answer' FROM shop_erasure e JOIN shop_idempotencykey k ON k.customer_id = e.customer_id
    WHERE k.lease IS NULL AND e.requested_at < now() - make_interval(secs => %s)
    LIMIT %s
"""
# The registration is the message that says most; older ones have been looked at, and are pruned one day.
NOT_REDACTED: Final = """
    SELECT e.customer_id FROM shop_erasure e JOIN messaging_message m ON m.key = e.customer_id::text AND m.key <> ''
    WHERE e.requested_at BETWEEN now() - interval '2 days' AND now() - make_interval(secs => %s)
      AND m.name = 'CustomerRegistered' AND m.payload #>> '{customer,email}' <> 'erased@erased.invalid'
      AND NOT EXISTS (SELECT 1 FROM messaging_message r JOIN messaging_delivery d ON d.message_id = r.id
                      WHERE r.key = m.key AND r.name = 'RedactMessages' AND d.status IN ('open', 'leased', 'dead'))
    LIMIT %s
"""
BUDGET_SECONDS: Final = 120


def customer_violations() -> Iterator[Violation]:
    """Everything that is not so, at most 100 of each kind."""
    for customer_id, status, logins in fetch_rows(LOGGED_IN, [MOST]):
        yield Violation("who may not log in is not logged in", str(customer_id), f"{status.lower()} with {logins} logins")
    for customer_id, what in fetch_rows(STILL_THERE, [BUDGET_SECONDS, BUDGET_SECONDS, MOST]):
        yield Violation("an erased customer is gone", str(customer_id), f"there is still a {what}")
    for (customer_id,) in fetch_rows(NOT_REDACTED, [BUDGET_SECONDS, MOST]):
        yield Violation("an erased customer's messages are redacted", str(customer_id), "its registration says who it was")
