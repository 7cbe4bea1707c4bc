"""Whose changes are recorded by a trigger, and the SQL of it.

The roof says which tables (``config/audited.py``); a migration that calls ``bring_up_to_date`` makes the triggers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from django.conf import settings
from django.utils.module_loading import import_string

FUNCTION: Final = "shop_audit_change"
TRIGGER: Final = "shop_audit"
# The application's connections say "off" as they begin, and "on" while an operator acts. Who says nothing is somebody else.
WATCHED: Final = "current_setting('shop.watch', true) IS DISTINCT FROM 'off'"
MASK: Final = "•••"

When = Literal["always", "watched"]


@dataclass(frozen=True, slots=True)
class Audited:
    """One table. ``always``, or only ``watched``: while an operator acts, or somebody past the application. ``inserts`` says the
    same of new rows, where that differs.

    ``key`` is the column with the id of what the row belongs to and ``of`` that thing's table, if it is another one. ``ignored``
    columns are the machinery's; ``secret`` ones are never copied, only that they changed; ``personal`` ones are masked where they
    are shown and replaced when the person is erased. ``label`` is what people call a row, where its model does not say it.
    """

    table: str
    when: When = "always"
    inserts: When | None = None
    key: str = "id"
    of: str = ""
    ignored: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    label: str = ""

    @property
    def owner(self) -> str:
        """The table of the thing whose history this is."""
        return self.of or self.table

    def triggers(self) -> dict[str, str]:
        """The triggers of this table by name, as statements."""
        function = f"{FUNCTION}('{self.key}', '{','.join(self.ignored)}', '{','.join(self.secret)}')"
        events: dict[When, list[str]] = {"always": [], "watched": []}
        events[self.inserts or self.when].append("INSERT")
        events[self.when] += ["UPDATE", "DELETE"]
        return {
            f"{TRIGGER}_{when}": (
                f"CREATE TRIGGER {TRIGGER}_{when} AFTER {' OR '.join(named)} ON {self.table} FOR EACH ROW"
                f"{f' WHEN ({WATCHED})' if when == 'watched' else ''} EXECUTE FUNCTION {function}"
            )
            for when, named in events.items()
            if named
        }


@cache
def audited() -> dict[str, Audited]:
    """Every audited table of this shop, by name."""
    tables: Iterable[Audited] = import_string(settings.AUDITED)
    return {one.table: one for one in tables}


def tables_of(owner: str) -> list[str]:
    """The tables whose rows belong to things of this one, itself included; none if nobody records them."""
    return [one.table for one in audited().values() if one.owner == owner]


def bring_up_to_date(editor: Any, tables: Iterable[Audited]) -> None:
    """Make the triggers of these tables as declared, and remove every other one of ours. For migrations and nobody else.

    A table that a later migration makes is left to the one after it.
    """
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, t.tgrelid::regclass FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = %s",
            [FUNCTION],
        )
        for trigger, table in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {trigger} ON {table}")
        for one in tables:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [one.table])
            if cursor.fetchone()[0]:
                for statement in one.triggers().values():
                    cursor.execute(statement)
