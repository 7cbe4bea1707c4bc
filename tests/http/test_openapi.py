"""The published description: valid, complete, and the same as what is served."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from shop.http.openapi import message_views
from shop.http.routing import Resource
from shop.http.views import MessageView, http_of
from tests.http.endpoints import VIEWS


def test_it_validates_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def schema_as_json(client: Client) -> Any:
    return client.get("/api/schema/", headers={"Accept": "application/json"}).json()


def served(patterns: Any, prefix: str = "") -> Iterator[tuple[str, type[MessageView]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from served(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern) and isinstance(pattern.callback, Resource):
            for view in pattern.callback.views.values():
                yield f"/{prefix}{pattern.pattern}", view


def plain(path: str) -> str:
    return re.sub(r"<[^>]*>|\{[^}]*\}", "{}", path)


@pytest.mark.parametrize(("path", "view"), list(served(get_resolver().url_patterns)), ids=str)
def test_every_operation_is_served_where_its_contract_says(path: str, view: type[MessageView]) -> None:
    contract = view.contract()
    assert contract is not None
    assert plain(path) == plain(http_of(contract).path)


def test_every_operation_is_described_under_its_name(client: Client) -> None:
    schema = schema_as_json(client)
    described = {operation["operationId"]: operation for path in schema["paths"].values() for operation in path.values()}
    assert set(described) == {view.contract().message_name() for view in VIEWS}
    registering = described["RegisterCustomer"]
    assert {"201", "400", "409", "413", "422", "503"} <= set(registering["responses"])
    assert "Idempotency-Key" in {parameter["name"] for parameter in registering["parameters"]}
    assert "Idempotency-Key" not in {parameter["name"] for parameter in described["AuthenticateCustomer"]["parameters"]}
    assert described["RevokeSession"]["security"] == [{"customerToken": []}]
    assert "requestBody" not in described["GetCustomer"]


def test_components_are_the_contracts(client: Client) -> None:
    components = schema_as_json(client)["components"]["schemas"]
    body = components["RegisterCustomerRequest"]
    assert body["required"] == ["email", "password"]
    assert set(body["properties"]) == {"email", "name", "password"}
    assert "customerId" not in components["UpdateCustomerRequest"]["properties"]


def test_no_two_addresses_serve_the_same_operation() -> None:
    names = [view.contract().message_name() for view in message_views(get_resolver().url_patterns)]
    assert len(names) == len(set(names))
