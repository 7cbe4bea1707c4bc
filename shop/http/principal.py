"""Who makes a request, as every view sees it: ``request.principal``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

NOBODY: Final = "anonymous"
EVERYTHING: Final = "*"


@dataclass(frozen=True, slots=True)
class Principal:
    """The maker of a request. ``actor`` is what messages are signed with: ``customer:<uuid>``, ``staff:<username>``,
    ``service:<name>`` or ``anonymous``."""

    actor: str
    customer_id: UUID | None = None
    session_id: UUID | None = None
    is_staff: bool = False
    scopes: frozenset[str] = frozenset()

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody proved who they are."""
        return self.actor != NOBODY

    @property
    def is_operator(self) -> bool:
        """Whether this is one of us: a member of staff or a service of ours."""
        return self.is_staff or self.actor.startswith("service:")

    def may(self, scope: str) -> bool:
        """Whether ``scope`` (``catalog:write``) was granted. Writing includes reading; ``*`` includes everything."""
        department, _, right = scope.partition(":")
        wanted = {EVERYTHING, scope} | ({f"{department}:write"} if right == "read" else set())
        return not wanted.isdisjoint(self.scopes)


ANONYMOUS: Final = Principal(actor=NOBODY)


def anonymous() -> Principal:
    """What Django REST framework puts in place of a user when nobody authenticated."""
    return ANONYMOUS
