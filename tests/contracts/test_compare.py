"""Which changes of a published contract pass, which are refused, and what the refusal says."""

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from shop.contracts.compare import compare

Entry = dict[str, Any]

REVIEW: Entry = {
    "kind": "command",
    "owner": "reviews-platform",
    "http": {"method": "POST", "path": "/reviews", "statuses": [202, 400]},
    "schema": {
        "type": "object",
        "properties": {
            "reviewId": {"type": "string", "format": "uuid"},
            "rating": {"type": "integer", "minimum": 1, "maximum": 5},
            "title": {"type": "string", "maxLength": 120},
            "sort": {"type": "string", "enum": ["new", "old"], "default": "new"},
            "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
            "price": {"type": "integer", "x-meaning": "gross"},
            "author": {"type": "string", "x-personal": True},
            "items": {
                "type": "array",
                "items": {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
            },
        },
        "required": ["reviewId", "rating"],
    },
    "response": {"type": "object", "properties": {"total": {"type": "integer"}}, "required": ["total"]},
    "meaning": "sent",
    "deprecated": {"since": "2027-01-01", "removedAfter": "2027-06-30"},
}
TODAY = date(2027, 6, 30)


def _changed(change: Callable[[Entry], object], **envelope: str) -> list[tuple[bool, str]]:
    old = {**copy.deepcopy(REVIEW), **envelope}
    new = copy.deepcopy(old)
    change(new)
    return [(found.breaking, str(found)) for found in compare({"SubmitReview@1.0.0": old}, {"SubmitReview@1.0.0": new})]


def _field(name: str, **keywords: Any) -> Callable[[Entry], object]:
    return lambda entry: entry["schema"]["properties"].setdefault(name, {}).update(keywords)


def _less(name: str, keyword: str) -> Callable[[Entry], object]:
    return lambda entry: entry["schema"]["properties"][name].pop(keyword)


def _require(*names: str) -> Callable[[Entry], object]:
    return lambda entry: entry["schema"].update(required=list(names))


def _new_required_field(entry: Entry) -> None:
    entry["schema"]["properties"]["colour"] = {"type": "string"}
    entry["schema"]["required"].append("colour")


def _rename(entry: Entry) -> None:
    fields = entry["schema"]["properties"]
    fields["headline"] = fields.pop("title")


BREAKING: dict[str, tuple[Callable[[Entry], object], str]] = {
    "removed field": (lambda entry: entry["schema"]["properties"].pop("title"), "title: is gone. Keep the field"),
    "renamed field": (_rename, "title: is gone (renamed to headline?)"),
    "new required field": (_new_required_field, "colour: is new and required"),
    "optional to required": (_require("reviewId", "rating", "title"), "title: was optional, is required"),
    "another type": (_field("rating", type="number"), "rating: type was integer, is number"),
    "another format": (_field("reviewId", format="email"), "reviewId: format was uuid, is email"),
    "a format where none was": (_field("title", format="uuid"), "title: format was None, is uuid"),
    "another pattern": (_field("country", pattern="^[A-Z]{3}$"), "country: pattern was"),
    "fewer values": (_field("sort", enum=["new"]), "sort: can no longer be old"),
    "values where all were": (_field("title", enum=["a", "b"]), "title: may only be a, b now"),
    "higher minimum": (_field("rating", minimum=2), "rating: minimum was 1, is 2"),
    "lower maximum": (_field("rating", maximum=4), "rating: maximum was 5, is 4"),
    "shorter text": (_field("title", maxLength=100), "title: maxLength was 120, is 100"),
    "a bound where none was": (_field("country", minLength=2), "country: minLength was unlimited, is 2"),
    "unique items": (_field("items", uniqueItems=True), "items: uniqueItems was None, is True"),
    "another default": (_field("sort", default="old"), "sort: default was new, is old"),
    "no default": (_less("sort", "default"), "sort: default was new, is None"),
    "inside an item": (
        lambda entry: entry["schema"]["properties"]["items"]["items"]["properties"].pop("sku"),
        "items[].sku: is gone",
    ),
    "items of nothing": (_less("items", "items"), "items: does not say the same about its items"),
    "inside the response": (lambda entry: entry["response"]["properties"].pop("total"), "response.total: is gone"),
    "weaker response": (lambda entry: entry["response"].update(required=[]), "response.total: was always there"),
    "no response": (lambda entry: entry.update(response=None), "response: is no longer answered"),
    "another kind": (lambda entry: entry.update(kind="event"), "was command, is event"),
    "another path": (lambda entry: entry["http"].update(path="/r"), "can no longer be reached at POST /reviews"),
    "no operation": (lambda entry: entry.update(http=None), "can no longer be reached at POST /reviews"),
    "another meaning of a field": (_field("price", **{"x-meaning": "net"}), "price: meant gross, means net. Keep the meaning"),
    "no meaning of a field": (_less("price", "x-meaning"), "price: meant gross, means nothing in particular"),
    "another meaning of all": (lambda entry: entry.update(meaning="asked for"), "meant sent, means asked for"),
    "no longer personal": (_less("author", "x-personal"), "author: was personal, and outsiders would be told it"),
    "a nearer end": (
        lambda entry: entry["deprecated"].update(removedAfter="2027-01-31"),
        "was to stay until 2027-06-30, now until 2027-01-31. Keep the date",
    ),
    "a status less": (lambda entry: entry["http"].update(statuses=[202]), "no longer answers 400"),
}

ADDITIVE: dict[str, tuple[Callable[[Entry], object], str]] = {
    "new optional field": (_field("colour", type="string"), "colour: is new."),
    "required to optional": (_require("reviewId"), "rating: was required, is optional."),
    "more values": (_field("sort", enum=["new", "old", "best"]), "sort: can also be best."),
    "any value": (_less("sort", "enum"), "sort: may be anything, not only new, old."),
    "lower minimum": (_field("rating", minimum=0), "rating: minimum was 1, is 0."),
    "higher maximum": (_field("rating", maximum=10), "rating: maximum was 5, is 10."),
    "no bound": (_less("title", "maxLength"), "title: maxLength was 120, is unlimited."),
    "no pattern": (_less("country", "pattern"), "country: pattern ^[A-Z]{2}$ is no longer demanded."),
    "a default": (_field("title", default="-"), "title: has the default - now."),
    "inside the response": (
        lambda entry: entry["response"]["properties"].update(page={"type": "integer"}),
        "response.page: is new.",
    ),
    "another owner": (lambda entry: entry.update(owner="x-platform"), "moves from reviews-platform to x-platform."),
    "a meaning where none was": (_field("title", **{"x-meaning": "as typed"}), "title: says now that it means as typed."),
    "personal now": (_field("title", **{"x-personal": True}), "title: is personal: outsiders are not told it any more."),
    "a later end": (
        lambda entry: entry["deprecated"].update(removedAfter="2027-12-31"),
        "is to stay until 2027-12-31.",
    ),
    "no end": (lambda entry: entry["deprecated"].pop("removedAfter"), "is to stay."),
    "deprecated later": (lambda entry: entry["deprecated"].update(since="2027-02-01"), "is deprecated since 2027-02-01."),
    "a status more": (lambda entry: entry["http"]["statuses"].append(409), "also answers 409."),
}


@pytest.mark.parametrize(("change", "sentence"), BREAKING.values(), ids=BREAKING)
def test_a_breaking_change_is_told_with_its_place_and_the_way_out(change: Callable[[Entry], object], sentence: str) -> None:
    told = [text for breaking, text in _changed(change) if breaking]

    assert len(told) == 1
    assert told[0].startswith("SubmitReview@1.0.0")
    assert sentence in told[0]
    assert "publish it as a new version of SubmitReview" in told[0]


@pytest.mark.parametrize(("change", "sentence"), ADDITIVE.values(), ids=ADDITIVE)
def test_an_additive_change_passes(change: Callable[[Entry], object], sentence: str) -> None:
    ((breaking, told),) = _changed(change)

    assert not breaking
    assert told.endswith(sentence)


def test_an_event_keeps_what_its_readers_rely_on() -> None:
    ((breaking, told),) = _changed(_require("reviewId"), kind="event")

    assert breaking
    assert "rating: was always there, is optional" in told


def test_a_new_operation_or_response_is_additive() -> None:
    silent = {**REVIEW, "http": None, "response": None}

    found = compare({"A@1.0.0": silent}, {"A@1.0.0": REVIEW})

    assert [(change.breaking, change.what) for change in found] == [
        (False, "can be reached at POST /reviews"),
        (False, "is answered now"),
    ]


def test_a_message_that_is_gone_is_breaking_and_a_new_one_is_not() -> None:
    found = compare({"Old@1.0.0": REVIEW}, {"New@1.0.0": REVIEW}, today=TODAY)

    assert [(change.message, change.what, change.breaking) for change in found] == [
        ("New@1.0.0", "is new", False),
        ("Old@1.0.0", "is gone", True),
    ]
    assert "announced to stay until 2027-06-30" in str(found[1])


def test_a_message_may_go_after_the_day_that_was_announced() -> None:
    (change,) = compare({"Old@1.0.0": REVIEW}, {}, today=date(2027, 7, 1))

    assert not change.breaking
    assert change.what == "is gone, as was announced for after 2027-06-30"


def test_a_message_that_was_never_announced_to_go_stays_for_good() -> None:
    (change,) = compare({"Old@1.0.0": {**REVIEW, "deprecated": {"since": "2020-01-01"}}}, {}, today=date(2099, 1, 1))

    assert change.breaking
    assert "Announce it first with deprecated_since and removed_after" in str(change)


def test_the_first_deprecation_and_meaning_are_additive() -> None:
    silent = {key: value for key, value in REVIEW.items() if key not in {"meaning", "deprecated"}}

    found = compare({"A@1.0.0": silent}, {"A@1.0.0": REVIEW})

    assert [(change.breaking, change.what) for change in found] == [
        (False, "says now that it means sent"),
        (False, "is deprecated since 2027-01-01"),
        (False, "is to stay until 2027-06-30"),
    ]


def test_equal_contracts_have_no_changes() -> None:
    assert compare({"A@1.0.0": REVIEW}, {"A@1.0.0": copy.deepcopy(REVIEW)}) == []
