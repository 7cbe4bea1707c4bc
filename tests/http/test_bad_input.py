"""Whatever is sent to whichever operation: a clear 4xx, nothing written, never a 500. New operations are covered too."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from shop.http.views import MessageView
from shop.messaging.models import Message
from tests.contracts.payloads import Schema, example, places, replaced, without
from tests.http.calls import send
from tests.http.endpoints import VIEWS, WITH_BODY, body_of, caller, method_of, path_of, published_path, schema_of

pytestmark = pytest.mark.django_db

REFUSED = {400, 403, 404, 409, 413, 415, 422, 429}

BROKEN_BODIES = {
    "not JSON": b"{",
    "single quotes": b"{'a': 1}",
    "NaN": b'{"a": NaN}',
    "infinite": b'{"a": Infinity}',
    "bad UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "NUL": b'{"a": "\\u0000"}',
    "raw NUL": b'{"a": "\x00"}',
    "lone surrogate": b'{"a": "\\ud800"}',
    "surrogate key": b'{"\\udfff": 1}',
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "deep and closed": b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "list": b"[]",
    "text": b'"text"',
    "null": b"null",
    "number": b"1",
    "endless number": b'{"a": ' + b"9" * 10_000 + b"}",
    "duplicate keys": b'{"a": 1, "a": 2}',
    "nested duplicate keys": b'{"a": {"b": 1, "b": 2}}',
    "three megabytes": b'{"a": "' + b"x" * 3_000_000 + b'"}',
}
WRONG_FOR: dict[str, list[Any]] = {
    "integer": ["5", 5.5, True, None, [], {}, 2**63, 2**70, -(2**70), 1e300],
    "string": ["\x00", "a\x00b", "\ud800", "x" * 200_000, 5, True, None, [], {}],
    "boolean": ["true", 1, None, [], {}],
    "number": ["0.5", True, None, [], {}],
    "array": ["text", 1, None, {}, [None], [[]]],
    "object": ["text", 1, None, [], [{}]],
}

UNUSUAL: dict[str, list[Any]] = {
    "integer": [0, -1, 2**31 - 1, 2**31, 2**63 - 1, -(2**63)],
    "string": ["", " ", "x" * 9_999, "\u202e💥", "' OR 1=1 --"],
}
NO_IDS = ("1", "not-a-uuid", "%00", "%ff", "..%2f..", "0" * 5_000, "0192f0c1-2f7a-7c3e-8f5d-0a1b2c3d4e5g", "💥")
NO_PARAMETERS = ("%00", "a%00b", "9" * 30, "-1", "1.5", "1e9", "1000000000", "true", "", "x" * 20_000, "%ff", "%F0%9F%92%A5")
NO_TOKENS = ("", " ", " a b", " \xff", " " + "x" * 5_000, " svc_nobody", " nobody")
FORM = "application/x-www-form-urlencoded"


def assert_refused(response: Any, what: object, statuses: set[int] = REFUSED) -> None:
    assert response.status_code in statuses, f"{what}: {response.status_code} {response.content[:300]}"
    answer = response.json()
    assert answer["code"], what
    assert answer["message"], what
    assert "Traceback" not in response.text


@pytest.mark.parametrize("view", WITH_BODY, ids=lambda view: view.__name__)
def test_a_body_that_cannot_be_read_is_refused_and_nothing_is_written(client: Any, view: type[MessageView]) -> None:
    who = caller(client, view)
    said = Message.objects.count()
    for what, body in BROKEN_BODIES.items():
        response = send(client, method_of(view), path_of(view), body, **who)
        expected = {413} if what == "three megabytes" else {400, 404}
        assert_refused(response, what, expected)
    assert Message.objects.count() == said


def wrong_values(schema: Schema) -> Iterator[Any]:
    yield from WRONG_FOR[schema["type"]]
    if schema["type"] == "integer" and "minimum" in schema:
        yield schema["minimum"] - 1
    if "enum" in schema or "pattern" in schema or schema.get("format") in {"uuid", "date-time", "date"}:
        yield from ("", "no such thing", "2026-13-45", "0192f0c1-2f7a-7c3e-8f5d-0a1b2c3d4e5")


@pytest.mark.parametrize("view", WITH_BODY, ids=lambda view: view.__name__)
def test_every_field_refuses_what_it_cannot_be(client: Any, view: type[MessageView]) -> None:
    who = caller(client, view)
    body = body_of(view)
    said = Message.objects.count()
    for path, schema in places(schema_of(view)):
        if path[0] not in body or path[0] in view.filled:
            continue
        for wrong in wrong_values(schema):
            sent = json.dumps(replaced(body, path, wrong)).encode()
            assert_refused(
                send(client, method_of(view), path_of(view), sent, **who), (path, wrong if len(repr(wrong)) < 99 else "…")
            )
    assert Message.objects.count() == said


@pytest.mark.parametrize("view", WITH_BODY, ids=lambda view: view.__name__)
def test_what_a_field_may_just_about_be_is_never_a_500(client: Any, view: type[MessageView]) -> None:
    who = caller(client, view)
    body = body_of(view)
    for path, schema in places(schema_of(view)):
        if path[0] not in body:
            continue
        for value in UNUSUAL.get(schema["type"], [[]]):
            response = send(client, method_of(view), path_of(view), replaced(body, path, value), **who)
            assert response.status_code < 500, (path, value, response.content[:300])


@pytest.mark.parametrize("view", WITH_BODY, ids=lambda view: view.__name__)
def test_a_required_field_is_named_when_it_is_missing(client: Any, view: type[MessageView]) -> None:
    who = caller(client, view)
    body = body_of(view)
    for name in schema_of(view).get("required", ()):
        if name not in body or name in view.filled or name == "customerId":
            continue
        response = send(client, method_of(view), path_of(view), without(body, (name,)), **who)
        assert_refused(response, name, {400, 404})
        if response.status_code == 400:
            assert name in response.json()["errors"]


@pytest.mark.parametrize("view", [view for view in VIEWS if "{" in published_path(view)], ids=lambda view: view.__name__)
@pytest.mark.parametrize("bad", NO_IDS)
def test_an_id_that_cannot_be_one_is_not_found(client: Any, view: type[MessageView], bad: str) -> None:
    path = path_of(view, **dict.fromkeys(schema_of(view)["properties"], bad))
    assert_refused(send(client, method_of(view), path, {}), path[:99], {400, 401, 404})


@pytest.mark.parametrize("view", [view for view in VIEWS if method_of(view) == "GET"], ids=lambda view: view.__name__)
def test_every_parameter_refuses_what_it_cannot_be(client: Any, view: type[MessageView]) -> None:
    who = caller(client, view)
    for name, schema in schema_of(view).get("properties", {}).items():
        path = path_of(view)
        for wrong in NO_PARAMETERS:
            response = client.get(f"{path}?{name}={wrong}", headers=who)
            assert response.status_code < 500, (name, wrong[:50], response.content[:200])
            if "%00" in wrong and f"{{{name}}}" not in published_path(view):
                assert_refused(response, (name, wrong))
            if schema["type"] == "integer" and wrong != "1000000000":
                assert_refused(response, (name, wrong[:50]))
            if name == "pageSize":
                assert_refused(response, (name, wrong[:50]))
        twice = client.get(f"{path}?{name}=1&{name}=2", headers=who)
        assert twice.status_code < 500


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_headers_that_make_no_sense_are_refused_or_ignored(client: Any, view: type[MessageView]) -> None:
    for token in NO_TOKENS:
        response = send(client, method_of(view), path_of(view), example(schema_of(view)), Authorization=f"Bearer{token}")
        assert_refused(response, token[:40], {401})
        assert response["WWW-Authenticate"].startswith("Bearer")
    response = send(client, method_of(view), path_of(view), {}, X_Correlation_ID="\x00' OR 1=1", Accept="text/html")
    assert response.status_code < 500
    assert response.json()["code"]


@pytest.mark.parametrize("view", WITH_BODY, ids=lambda view: view.__name__)
def test_a_form_is_not_a_body(client: Any, view: type[MessageView]) -> None:
    who = caller(client, view)
    response = client.generic(method_of(view), path_of(view), b"a=1", content_type=FORM, headers=who)
    assert_refused(response, "form", {404, 415})


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_method_nobody_serves_is_answered_with_those_that_are(client: Any, view: type[MessageView]) -> None:
    response = send(client, "PUT", path_of(view), {})
    assert_refused(response, "PUT", {405})
    assert method_of(view) in response["Allow"]
    options = send(client, "OPTIONS", path_of(view))
    assert options.status_code == 204
    assert method_of(view) in options["Allow"]
