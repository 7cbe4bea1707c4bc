"""Every operation of the URL conf, and somebody who may call it."""

from typing import Any

from django.urls import get_resolver
from uuid_utils.compat import uuid7

from shop.http.authentication import digest
from shop.http.models import ServiceToken
from shop.http.openapi import message_views
from shop.http.permissions import IsCustomer, IsSelf
from shop.http.views import MessageView, http_of
from tests.contracts.payloads import example
from tests.http.calls import bearer, log_in, register

VIEWS: list[type[MessageView]] = sorted(message_views(get_resolver().url_patterns), key=lambda view: view.__name__)
WITH_BODY = [view for view in VIEWS if http_of(view.contract()).method in {"POST", "PATCH", "PUT"}]
SERVICE = "svc_" + "t" * 43


def method_of(view: type[MessageView]) -> str:
    return http_of(view.contract()).method


def published_path(view: type[MessageView]) -> str:
    return http_of(view.contract()).path


def schema_of(view: type[MessageView]) -> dict[str, Any]:
    """What the contract publishes."""
    contract = view.contract()
    assert contract is not None
    return contract.json_schema()


def path_of(view: type[MessageView], **values: str) -> str:
    """The address with an id nobody has in each hole, or the given values."""
    path = published_path(view)
    for name in schema_of(view).get("properties", {}):
        path = path.replace(f"{{{name}}}", values.get(name, str(uuid7())))
    return path


def body_of(view: type[MessageView]) -> dict[str, Any]:
    """A body that satisfies the contract, without what the address says."""
    path = published_path(view)
    return {name: value for name, value in example(schema_of(view)).items() if f"{{{name}}}" not in path}


def for_customers_only(view: type[MessageView]) -> bool:
    return IsCustomer in view.permission_classes or IsSelf in view.permission_classes


def caller(client: Any, view: type[MessageView]) -> dict[str, str]:
    """The header of somebody who may call this operation: a customer if only those may, else a service with every scope."""
    if not for_customers_only(view):
        return service_token()
    register(client)
    return bearer(log_in(client))


def service_token(*scopes: str) -> dict[str, str]:
    """The header of a service with these scopes (all of them if none is named)."""
    ServiceToken.objects.create(
        name="probe", sha256=digest(SERVICE), scopes=list(scopes or "*"), expires_at="2999-01-01T00:00:00Z"
    )
    return bearer(SERVICE)
