"""The provider's own ledger, asked over its control API: what it holds, took and gave back for our payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.demo.results import Facts


@dataclass(slots=True)
class Account:
    """What the provider did for one payment of ours, in minor units; one amount per deed."""

    authorised: list[int] = field(default_factory=list)
    captured: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)

    @property
    def held(self) -> int:
        """What is authorised and neither captured nor released."""
        return sum(self.authorised) - sum(self.captured) - sum(self.released)


KINDS = {"authorise": "authorised", "capture": "captured", "release": "released"}


def accounts(entries: Sequence[Mapping[str, Any]]) -> dict[str, Account]:
    """The ledger's entries by the payment id that we sent along."""
    found: dict[str, Account] = defaultdict(Account)
    for entry in entries:
        kind = KINDS.get(entry["kind"])
        if kind:
            getattr(found[entry["metadata"].get("payment_id", "")], kind).append(entry["amount"])
    return found


def money(payments: Mapping[str, int], ledger: Mapping[str, Account]) -> Facts:
    """How these payments (id and amount due) stand at the provider: charged once, charged wrongly, still held."""
    standing = {"charged once": 0, "charged wrongly": 0, "not yet charged": 0}
    for payment, due in payments.items():
        account = ledger.get(payment) or Account()
        if account.captured:
            right = account.captured == [due] and len(account.authorised) == 1 and not account.held
            standing["charged once" if right else "charged wrongly"] += 1
        elif account.held:
            standing["not yet charged" if account.held == due else "charged wrongly"] += 1
    return standing
