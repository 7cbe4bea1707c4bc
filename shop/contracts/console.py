"""The back office itself: what an operator does to many rows, worked off in the background."""

from shop.contracts.base import Command
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
