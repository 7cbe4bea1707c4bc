"""The back office itself: what an operator does to many rows, and what must always be true, worked off in the background."""

from shop.contracts.base import Command, Part
from shop.contracts.fields import Count, Limit, Reason, Uuid

OWNER = "messaging-platform"


class RunBatch(Command):
    """Act on the next rows of a batch, those after the position. Sent by the shop to itself until none is left."""

    owner = OWNER
    key = "batch_id"

    batch_id: Uuid
    after: Count


class StopBatch(Command):
    """Leave the rows of a batch that are not done as they are."""

    owner = OWNER
    key = "batch_id"

    batch_id: Uuid
    reason: Reason


class ContinueBatch(Command):
    """Let a stopped batch go on, from now on in the name and with the rights of whoever says so."""

    owner = OWNER
    key = "batch_id"

    batch_id: Uuid


class RetryBatch(Command):
    """Try the rows again that were refused or failed, as they are now, in the name of whoever says so."""

    owner = OWNER
    key = "batch_id"

    batch_id: Uuid


class PruneBatches(Command):
    """Delete batches that ended longer ago than the shop keeps them."""

    owner = OWNER

    limit: Limit = 10_000


class InvariantsBegun(Part):
    """The run that is under way now."""

    run_id: Uuid


class CheckInvariants(Command):
    """Check everything that must always be true, one check after the other; nothing new begins while a run is under way."""

    owner = OWNER
    response = InvariantsBegun


class CheckNextInvariant(Command):
    """The next check of a run, after so many. Sent by the shop to itself until none is left."""

    owner = OWNER
    key = "run_id"

    run_id: Uuid
    after: Count
