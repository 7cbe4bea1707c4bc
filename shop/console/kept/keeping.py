"""Keeping, renaming and dropping lists: each person's own, and only of screens that he may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlencode

from django.contrib import admin
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from shop.console.kept.models import KeptList
from shop.console.terms import read_term
from shop.messaging.errors import Invalid, Missing, Refused

if TYPE_CHECKING:
    from shop.console.base import OpsModelAdmin

MOST_KEPT: Final = 50
LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 1000
# Which page it was, and what Django's admin adds of its own, say nothing about what is wanted.
PASSING: Final = frozenset({"p", "all", "e", "_popup", "_to_field"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A kept list with where it leads."""

    id: int
    name: str
    screen: str
    url: str


def kept_by(request: HttpRequest, screen: str = "") -> Sequence[Shown]:
    """What this person has kept, of one screen or of all that he may see, by screen and name."""
    rows = KeptList.objects.filter(user_id=_who(request), **({"screen": screen} if screen else {}))
    shown = []
    for row in rows.order_by("screen", "name"):
        found = _screen(row.screen)
        if found and found.has_view_permission(request):
            title = str(found.opts.verbose_name_plural).capitalize()
            shown.append(Shown(row.pk, row.name, title, f"{found.list_url()}{'?' if row.query else ''}{row.query}"))
    return shown


def keep(request: HttpRequest, *, screen: str, query: str, name: str) -> Shown:
    """Keep a list. Raises ``Missing`` for a screen that is not there or not for him, ``Invalid`` or ``Refused``."""
    found = _screen(screen)
    if found is None or not found.has_view_permission(request):
        raise Missing("not_found", "There is no such list.")
    called, narrowed = valid_name(name), valid_query(query)
    if KeptList.objects.filter(user_id=_who(request)).count() >= MOST_KEPT:
        raise Refused("too_many", f"You have kept {MOST_KEPT} lists, and there is no room for more: drop one first.")
    row = _named(lambda: KeptList.objects.create(user_id=_who(request), screen=screen, name=called, query=narrowed), called)
    return Shown(row.pk, row.name, found.opts.label_lower, f"{found.list_url()}{'?' if narrowed else ''}{narrowed}")


def rename(request: HttpRequest, key: int, name: str) -> str:
    """Call it something else. Raises ``Missing`` when it is not his, ``Invalid`` or ``Refused``."""
    called = valid_name(name)
    if not _named(lambda: _mine(request, key).update(name=called), called):
        raise Missing("not_found", "It is not there any more.")
    return called


def drop(request: HttpRequest, key: int) -> None:
    """Forget it; that it is gone already is no error."""
    _mine(request, key).delete()


def valid_name(name: str) -> str:
    """The name as it is kept. Raises ``Invalid``."""
    called = " ".join(name.replace("\x00", "").split())
    if not called:
        raise Invalid("name_required", "Give it a name.")
    if len(called) > LONGEST_NAME:
        raise Invalid("name_too_long", f"Keep the name under {LONGEST_NAME} characters.")
    return called


def valid_query(query: str) -> str:
    """What narrows the list, without the page it was on. Raises ``Invalid``."""
    pairs = [(name, value) for name, value in parse_qsl(query.replace("\x00", ""), max_num_fields=50) if name not in PASSING]
    if any(read_term(value).email for _, value in pairs):
        raise Invalid(
            "personal", "A search for an e-mail address is not kept: it would outlive its customer. Clear the search first."
        )
    kept = urlencode(pairs)
    if len(kept) > LONGEST_QUERY:
        raise Invalid("query_too_long", "There is too much in this search to keep it.")
    return kept


def _who(request: HttpRequest) -> int:
    """Whoever is signed in."""
    return int(request.user.pk or 0)


def _mine(request: HttpRequest, key: int) -> Any:
    return KeptList.objects.filter(pk=key, user_id=_who(request))


def _named(write: Any, name: str) -> Any:
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        raise Refused("name_taken", f"You keep a list of this screen as “{name}” already: choose another name.") from None


def _screen(label: str) -> OpsModelAdmin | None:
    """The screen of ours that is called so. Templates need this module before there is a base class to ask for."""
    for one in admin.site._registry.values():
        if one.opts.label_lower == label and hasattr(one, "list_url"):
            return cast("OpsModelAdmin", one)
    return None
