"""What waits for a person: one line each on the dashboard, with how many, how old, and where to go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue. ``oldest`` is when the longest-waiting one began to wait. ``most``: counting stopped there."""

    title: str
    count: int
    oldest: datetime | None
    url: str
    permission: str
    icon: str
    meaning: str
    most: int = 10_000

    @property
    def shown(self) -> str:
        """The count as people read it."""
        return f"{self.most:,}+" if self.count > self.most else f"{self.count:,}"
