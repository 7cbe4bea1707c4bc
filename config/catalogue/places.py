"""Where code belongs: which department, which system within it, which queue. Read from where it stands."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

# The ground floor holds the Shopping department and what everybody stands on.
PLATFORM: Final = ("contracts", "console", "http", "messaging", "outward")
TITLES: Final = {
    "shopping": "Shopping",
    "catalog": "Catalogue",
    "ordering": "Ordering",
    "payments": "Payments",
    "fulfilment": "Fulfilment",
    "reviews": "Reviews",
    "platform": "Platform",
}
SUMMARIES: Final = {
    "shopping": "Carts, promotions and customers: everything before an order.",
    "catalog": "What is sold, and how it is found.",
    "ordering": "From a checked-out cart to a finished order.",
    "payments": "Holding, taking and giving back money.",
    "fulfilment": "Stock, picking and shipping.",
    "reviews": "What customers say about products.",
    "platform": "What every department stands on: mailbox, HTTP, events for outsiders.",
}


@dataclass(frozen=True, slots=True)
class System:
    """One folder with rooms of its own. ``package`` is its dotted path; ``id`` names it in documents."""

    id: str
    package: str
    domain: str
    title: str
    summary: str

    @property
    def service(self) -> str:
        """What its running code is called."""
        return f"{self.id}-service"


def system_of(dotted: str) -> System:
    """The system that a handler's name or a module's path belongs to."""
    first, *rest = dotted.split(".")
    folder = rest[0] if rest and (Path(settings.BASE_DIR) / first / rest[0]).is_dir() else ""
    return _system(f"{first}.{folder}" if folder else first)


@cache
def _system(package: str) -> System:
    first, _, folder = package.partition(".")
    name = folder or first
    domain = ("platform" if folder in PLATFORM else "shopping") if first == "shop" else first
    title = name.replace("_", " ").capitalize()
    return System(id=name, package=package, domain=domain, title=title, summary=_first_line(package) or f"{title}.")


def _first_line(package: str) -> str:
    folder = Path(settings.BASE_DIR, *package.split("."))
    for room in ("handlers.py", "saga.py", "retention.py", "models.py", "__init__.py"):
        source = folder / room
        if source.exists():
            told = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
            if told:
                return told.split("\n\n")[0].replace("\n", " ")
    return ""
