"""What changed between the recorded contracts and the ones in the code, and whether a client would break.

Additive: a new message, a new optional field, a wider enum or bound, a date of deprecation. Whatever removes, renames,
requires, narrows or means something else is breaking and needs a new version beside the old one. A version may go once
the day it was announced to go is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from shop.contracts.fields import MEANING, PERSONAL

EVENT: Final = "event"
_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_STRUCTURE: Final = ("properties", "required", "items", "enum", "description", MEANING, PERSONAL, *_LOWER, *_UPPER)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, where it is, what is different, and for a breaking one the way out."""

    message: str
    place: str
    what: str
    way_out: str = ""

    @property
    def breaking(self) -> bool:
        """Whether somebody who relies on the recorded contract would be let down."""
        return bool(self.way_out)

    def __str__(self) -> str:
        where = f"{self.message}, {self.place}" if self.place else self.message
        return f"{where}: {self.what}. {self.way_out}".strip()


@dataclass(frozen=True, slots=True)
class _Place:
    """A schema inside a message. ``told``: others read it (events, responses), so its promises must not weaken."""

    message: str
    path: str
    told: bool

    def field(self, name: str) -> _Place:
        return _Place(self.message, f"{self.path}.{name}" if self.path else name, self.told)

    def additive(self, what: str) -> Change:
        return Change(self.message, self.path, what)

    def breaking(self, what: str, instead: str) -> Change:
        name = self.message.partition("@")[0]
        return Change(self.message, self.path, what, f"{instead}, or publish it as a new version of {name} beside this one.")


def compare(
    locked: Mapping[str, Mapping[str, Any]], current: Mapping[str, Mapping[str, Any]], *, today: date | None = None
) -> list[Change]:
    """Every difference, message by message; empty when the lock is up to date. ``today`` (UTC) decides what may be gone."""
    day = today or datetime.now(UTC).date()
    return [change for name in sorted({*locked, *current}) for change in _message(name, locked.get(name), current.get(name), day)]


def _message(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, today: date) -> Iterator[Change]:
    if old is None:
        yield Change(name, "", "is new")
        return
    if new is None:
        yield _gone(name, old.get("deprecated") or {}, today)
        return
    root = _Place(name, "", told=old["kind"] == EVENT)
    yield from _envelope(root, old, new)
    yield from _schema(root, old["schema"], new["schema"])
    yield from _response(_Place(name, "response", told=True), old["response"], new["response"])


def _gone(name: str, deprecated: Mapping[str, str], today: date) -> Change:
    until = deprecated.get("removedAfter")
    if until is not None and date.fromisoformat(until) < today:
        return Change(name, "", f"is gone, as was announced for after {until}")
    first = f"It is announced to stay until {until}" if until else "Announce it first with deprecated_since and removed_after"
    return Change(name, "", "is gone", f"Keep the class. {first}; manage.py check_contracts --usage says who still uses it.")


def _envelope(place: _Place, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if old["kind"] != new["kind"]:
        yield place.breaking(f"was {old['kind']}, is {new['kind']}", "Give it another name")
    if old["owner"] != new["owner"]:
        yield place.additive(f"moves from {old['owner']} to {new['owner']}")
    yield from _http(place, old["http"], new["http"])
    yield from _meaning(place, old.get("meaning"), new.get("meaning"))
    yield from _deprecation(place, old.get("deprecated") or {}, new.get("deprecated") or {})


def _meaning(place: _Place, old: str | None, new: str | None) -> Iterator[Change]:
    if old is None and new is not None:
        yield place.additive(f"says now that it means {new}")
    elif old != new:
        yield place.breaking(f"meant {old}, means {new or 'nothing in particular'}", "Keep the meaning")


def _deprecation(place: _Place, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    if old.get("since") != new.get("since"):
        since = new.get("since")
        yield place.additive(f"is deprecated since {since}" if since else "is no longer deprecated")
    before, after = old.get("removedAfter"), new.get("removedAfter")
    if before == after:
        return
    if before is not None and after is not None and after < before:
        yield place.breaking(f"was to stay until {before}, now until {after}", "Keep the date")
    else:
        yield place.additive(f"is to stay until {after}" if after else "is to stay")


def _http(place: _Place, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Change]:
    if old is None:
        if new is not None:
            yield place.additive(f"can be reached at {new['method']} {new['path']}")
        return
    if new is None or (old["method"], old["path"]) != (new["method"], new["path"]):
        yield place.breaking(f"can no longer be reached at {old['method']} {old['path']}", "Keep the operation")
        return
    gone = sorted(set(old["statuses"]) - set(new["statuses"]))
    if gone:
        yield place.breaking(f"no longer answers {_listed(gone)}", "Keep the statuses")
    more = sorted(set(new["statuses"]) - set(old["statuses"]))
    if more:
        yield place.additive(f"also answers {_listed(more)}")


def _response(place: _Place, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Change]:
    if old is None:
        if new is not None:
            yield place.additive("is answered now")
    elif new is None:
        yield place.breaking("is no longer answered", "Keep the response")
    else:
        yield from _schema(place, old, new)


def _schema(place: _Place, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    yield from _keywords(place, old, new)
    yield from _meaning(place, old.get(MEANING), new.get(MEANING))
    yield from _personal(place, was=PERSONAL in old, now=PERSONAL in new)
    yield from _enum(place, old.get("enum"), new.get("enum"))
    yield from _bounds(place, old, new)
    yield from _fields(place, old, new)
    if "items" in old and "items" in new:
        yield from _schema(_Place(place.message, f"{place.path}[]", place.told), old["items"], new["items"])
    elif ("items" in old) != ("items" in new):
        yield place.breaking("does not say the same about its items any more", "Keep the items")


def _personal(place: _Place, *, was: bool, now: bool) -> Iterator[Change]:
    if now and not was:
        yield place.additive("is personal: outsiders are not told it any more")
    elif was and not now:
        yield place.breaking("was personal, and outsiders would be told it", "Keep the Personal mark")


def _keywords(place: _Place, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for keyword in sorted({*old, *new} - {*_STRUCTURE}):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        if after is None and keyword not in ("type", "default"):
            yield place.additive(f"{keyword} {before} is no longer demanded")
        elif keyword == "default" and before is None:
            yield place.additive(f"has the default {after} now")
        else:
            yield place.breaking(f"{keyword} was {before}, is {after}", f"Keep the {keyword}")


def _enum(place: _Place, old: list[str] | None, new: list[str] | None) -> Iterator[Change]:
    if new is None:
        if old is not None:
            yield place.additive("may be anything, not only " + _listed(old))
        return
    if old is None:
        yield place.breaking(f"may only be {_listed(new)} now", "Keep it open")
        return
    gone = [value for value in old if value not in new]
    if gone:
        yield place.breaking(f"can no longer be {_listed(gone)}", "Keep the values")
    more = [value for value in new if value not in old]
    if more:
        yield place.additive(f"can also be {_listed(more)}")


def _bounds(place: _Place, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for keyword in (*_LOWER, *_UPPER):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        narrower = before is None or (after is not None and (after > before) == (keyword in _LOWER))
        if after is not None and narrower:
            yield place.breaking(f"{keyword} was {_or_none(before)}, is {after}", "Keep the bound")
        else:
            yield place.additive(f"{keyword} was {before}, is {_or_none(after)}")


def _fields(place: _Place, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
    for name in before:
        field = place.field(name)
        if name in after:
            yield from _demand(field, required_before=name in was_required, required_now=name in is_required)
            yield from _schema(field, before[name], after[name])
        else:
            yield field.breaking(f"is gone{_renamed(before, after, name)}", "Keep the field")
    for name in after:
        if name in before:
            continue
        if name in is_required:
            yield place.field(name).breaking("is new and required, and nobody sends it yet", "Make it optional")
        else:
            yield place.field(name).additive("is new")


def _demand(field: _Place, *, required_before: bool, required_now: bool) -> Iterator[Change]:
    if required_now and not required_before:
        yield field.breaking("was optional, is required", "Keep it optional")
    elif required_before and not required_now:
        if field.told:
            yield field.breaking("was always there, is optional", "Keep it required")
        else:
            yield field.additive("was required, is optional")


def _renamed(before: Mapping[str, Any], after: Mapping[str, Any], gone: str) -> str:
    candidates = [name for name in after if name not in before and after[name] == before[gone]]
    return f" (renamed to {candidates[0]}?)" if len(candidates) == 1 else ""


def _listed(values: list[Any]) -> str:
    return ", ".join(str(value) for value in values)


def _or_none(bound: Any) -> str:
    return "unlimited" if bound is None else str(bound)
