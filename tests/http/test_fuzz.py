"""A fuzzer that knows only the published schema: whatever it makes up, only answers that are published, every refusal in the
one shape, never a 500."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core import NotSet

from shop.http.openapi import ContractGenerator
from shop.http.views import MessageView
from tests.http.endpoints import VIEWS, caller, method_of, published_path

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EXAMPLES = 15


@pytest.fixture(scope="module")
def published() -> Any:
    generator: SchemaGenerator = ContractGenerator()
    document = json.loads(json.dumps(generator.get_schema(public=True)))
    return schemathesis.openapi.from_dict(document)


def call(client: Client, case: Case, who: dict[str, str]) -> Any:
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    query = urlencode(dict(case.query or {}), doseq=True, errors="replace")
    body = b"" if isinstance(case.body, NotSet) else json.dumps(case.body).encode()
    headers = {name: value for name, value in dict(case.headers or {}).items() if name != "Authorization"} | who
    return client.generic(case.method, f"{path}?{query}", body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_no_made_up_request_breaks_it(client: Client, published: Any, view: type[MessageView]) -> None:
    who = caller(client, view)
    operation = published[published_path(view)][method_of(view)]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def fuzz(case: Case) -> None:
        response = call(client, case, who)
        assert str(response.status_code) in operation.definition.raw["responses"], response.content
        if response.status_code >= 400:
            assert {"code", "message"} <= set(response.json())

    fuzz()
