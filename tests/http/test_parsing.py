"""The body parser, from the inside: what it lets through is exactly what was sent."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.http.parsing import DEEPEST, read_object
from shop.messaging.errors import Invalid

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from("abc"), JSON), st.booleans())
def test_what_is_json_is_read_as_it_is(value: dict[str, object], escaped: bool) -> None:
    assert read_object(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=200))
def test_anything_else_is_refused_and_nothing_else_is_raised(body: bytes) -> None:
    with suppress(Invalid):
        assert isinstance(read_object(body), dict)


def test_nothing_is_an_empty_object() -> None:
    assert read_object(b"") == read_object(b" \n") == {}


def test_depth_is_counted_exactly() -> None:
    assert read_object(b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST)
    with pytest.raises(Invalid) as refused:
        read_object(b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1))
    assert refused.value.code == "nested_too_deeply"


def test_a_wide_body_is_not_a_deep_one() -> None:
    assert len(read_object(json.dumps({"a": [{} for _ in range(500)]}).encode())["a"]) == 500


def test_surrogate_pairs_are_characters() -> None:
    assert read_object(b'{"a": "\\ud83d\\udca5"}') == {"a": "\U0001f4a5"}
