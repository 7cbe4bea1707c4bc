"""The mailbox itself: housekeeping of messages that are done."""

from typing import Annotated

from pydantic import Field

from shop.contracts.base import Command
from shop.contracts.fields import Count, Limit, Name, Reason, UpToMostItems, Uuid

OWNER = "messaging-platform"


class PruneMessages(Command):
    """Delete messages whose every delivery is finished, once they are older than so many days. Dead and open ones stay.

    Without ``olderThanDays`` the shop's retention counts.
    """

    owner = OWNER

    older_than_days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    limit: Limit = 10_000


class PruneAuditTrail(Command):
    """Delete operators' actions and the record of changed objects once they are older than the shop keeps them."""

    owner = OWNER

    limit: Limit = 10_000


class ForgetAnswers(Command):
    """Delete the answers kept for repeated requests once they are older than the shop promises to keep them."""

    owner = OWNER

    limit: Limit = 10_000


class RedactMessages(Command):
    """Replace the personal values in messages already published, for good: those with one of these keys, in one of these chains
    or with one of these ids, and what led to them, unless they say that they are about another customer.

    Goes through them in order of their ids, ``limit`` at a time, and asks itself for the rest (``after``). Also what operators'
    actions on these keys say of before and after. Whoever holds something of an erased customer sends it for its own keys; with
    a ``reason`` it ends in the customer's audit trail.
    """

    owner = OWNER
    key = "customer_id"

    customer_id: Uuid | None = None
    keys: Annotated[list[Name], UpToMostItems] = []
    correlation_ids: Annotated[list[Uuid], UpToMostItems] = []
    message_ids: Annotated[list[Uuid], UpToMostItems] = []
    reason: Reason | None = None
    limit: Limit = 500
    # Where it goes on, and how many it has redacted so far.
    after: Uuid | None = None
    redacted: Count = 0
