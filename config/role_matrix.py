"""The table of ``docs/roles.md``, written from the screens, their verbs and ``config.roles``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.contrib import admin

from config.navigation import SECTIONS
from config.roles import ROLES
from shop.console.base import OpsModelAdmin

BEGIN: Final = "<!-- roles: written by `manage.py roles --write` -->"
END: Final = "<!-- roles: end -->"

Row = tuple[str, tuple[bool, ...]]


def matrix() -> str:
    """Markdown: a row for seeing each screen, and one for each group of its verbs that the same roles have."""
    head = f"| | {' | '.join(ROLES)} |\n|---|{'---|' * len(ROLES)}"
    return "\n".join([head, *(_line(row) for title, screen in _screens() for row in _rows(title, screen))])


def placed(page: str) -> str:
    """The page with the table as it is now between its two marks. Raises ``ValueError`` if they are not there."""
    before, after = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:before]}\n\n{matrix()}\n\n{page[after:]}"


def _line(row: Row) -> str:
    what, held = row
    return f"| {what} |{''.join(' ✓ |' if one else ' |' for one in held)}"


def _screens() -> Iterator[tuple[str, OpsModelAdmin]]:
    """Every screen in the order of the sidebar, under its name there; whatever is not in it comes last."""
    screens = {f"{one.opts.app_label}_{one.opts.model_name}": one for one in admin.site._registry.values()}
    for _, items in SECTIONS:
        for title, _, name, _ in items:
            screen = screens.pop(name)
            if isinstance(screen, OpsModelAdmin):
                yield title, screen
    for screen in screens.values():
        if isinstance(screen, OpsModelAdmin):
            yield str(screen.opts.verbose_name_plural).capitalize(), screen


def _rows(title: str, screen: OpsModelAdmin) -> Iterator[Row]:
    view = f"{screen.opts.app_label}.view_{screen.opts.model_name}"
    yield f"{title}: see", _held(view)
    groups: dict[tuple[bool, ...], list[str]] = {}
    for verb in screen.verbs:
        groups.setdefault(_held(verb.permission(screen.model)), []).append(verb.label[:1].lower() + verb.label[1:])
    for held, labels in groups.items():
        yield f"{title}: {', '.join(labels)}", held


def _held(permission: str) -> tuple[bool, ...]:
    return tuple(permission in names for names in ROLES.values())
