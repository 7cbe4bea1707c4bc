"""Checking the invariants, begun by the timetable or a person and worked off as mail to ourselves."""

from __future__ import annotations

from collections.abc import Sequence

from uuid_utils.compat import uuid7

from shop.console.checking import running
from shop.contracts.console import CheckInvariants, CheckNextInvariant, InvariantsBegun
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import in_batches


def check_invariants(_command: CheckInvariants) -> InvariantsBegun:
    """Begin, unless a run is under way: then that one is the answer."""
    return InvariantsBegun(run_id=running.begin(uuid7()))


@in_batches(1)
def check_next_invariant(batch: Sequence[Envelope[CheckNextInvariant]]) -> None:
    """One check."""
    (envelope,) = batch
    running.check_next(envelope)
