"""The OpenAPI document, taken from the contracts: what a client reads is what the server validates with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from django.urls import URLPattern, URLResolver
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from shop.contracts.base import Message, Part
from shop.http.idempotency import HEADER, LONGEST_KEY
from shop.http.permissions import IsCustomer, IsSelf, IsSelfOrOperator, IsStaffOrService, Public
from shop.http.replies import NO_CONTENT
from shop.http.routing import Resource
from shop.http.views import CommandView, MessageView, http_of

Schema = dict[str, Any]

SECURITY_SCHEMES: Final[Schema] = {
    "customerToken": {"type": "http", "scheme": "bearer", "description": "From POST /oauth/token."},
    "serviceToken": {"type": "http", "scheme": "bearer", "description": "From manage.py service_token create."},
    "staffSession": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "The back office's login."},
}
_CUSTOMER: Final[list[Schema]] = [{"customerToken": []}]
_OPERATOR: Final[list[Schema]] = [{"serviceToken": []}, {"staffSession": []}]
_SECURITY: Final[Mapping[type, list[Schema]]] = {
    Public: [{}],
    IsCustomer: _CUSTOMER,
    IsSelf: _CUSTOMER,
    IsStaffOrService: _OPERATOR,
    IsSelfOrOperator: [*_CUSTOMER, *_OPERATOR],
}
_FAILURES: Final[Mapping[int, str]] = {
    400: "The request is not valid.",
    401: "No valid bearer token.",
    402: "The payment was refused.",
    403: "The token does not allow this.",
    404: "There is no such thing, or it is somebody else's.",
    409: "It cannot be done in the present state, or the same request is still running.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "It can never be done, or the Idempotency-Key was used for another request.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "Not now; Retry-After says how long to wait.",
}
_ERROR: Final[Schema] = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string", "description": "Stable, for programs."},
        "message": {"type": "string", "description": "A sentence for people."},
        "errors": {
            "type": "object",
            "description": "Sentences by field path.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "data": {"type": "object", "additionalProperties": True},
    },
}


class ContractEndpoints(EndpointEnumerator):
    """Every ``MessageView`` of the URL conf, under the path its contract publishes."""

    def _get_api_endpoints(self, patterns: Any, prefix: str) -> list[tuple[str, str, str, Any]]:
        return [
            (http_of(contract).path, http_of(contract).path, http_of(contract).method, view.as_view())
            for view in message_views(self.patterns if patterns is None else patterns)
            if (contract := view.contract()) is not None
        ]


class ContractGenerator(SchemaGenerator):
    """Writes the document; ``settings.SPECTACULAR_SETTINGS`` names it."""

    endpoint_inspector_cls = ContractEndpoints


class ContractSchema(AutoSchema):
    """One operation, said by its contract."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Schema:
        self.registry = registry
        self.method = method
        _describe_security(registry)
        contract = self._contract()
        operation: Schema = {
            "operationId": contract.message_name(),
            "summary": (contract.__doc__ or contract.__name__).strip().splitlines()[0],
            "tags": [contract.owner],
            "parameters": [*self._parameters(path)],
            "responses": self._responses(),
            "security": self._security(),
        }
        if body := self._body(path):
            operation["requestBody"] = body
        return operation

    def _contract(self) -> type[Message]:
        contract = self._message_view().contract()
        assert contract is not None
        return contract

    def _message_view(self) -> MessageView:
        return cast(MessageView, self.view)

    def _parameters(self, path: str) -> Iterator[Schema]:
        contract = self._contract()
        schema = contract.json_schema()
        for name, field in schema.get("properties", {}).items():
            if f"{{{name}}}" in path:
                yield {"in": "path", "name": name, "required": True, "schema": field}
            elif self.method in {"GET", "DELETE"}:
                required = name in schema.get("required", ())
                deep = {"style": "deepObject", "explode": True} if field.get("type") == "object" else {}
                yield {"in": "query", "name": name, "required": required, "schema": field} | deep
        if self._idempotent():
            yield {
                "in": "header",
                "name": HEADER,
                "required": False,
                "description": "Makes a repeat of this request safe: it is answered with what the first one was.",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
            }

    def _idempotent(self) -> bool:
        view = self.view
        return self.method == "POST" and isinstance(view, CommandView) and view.idempotent

    def _body(self, path: str) -> Schema | None:
        if self.method in {"GET", "DELETE"}:
            return None
        contract = self._contract()
        schema = contract.json_schema()
        properties = {name: field for name, field in schema.get("properties", {}).items() if f"{{{name}}}" not in path}
        properties = {name: field for name, field in properties.items() if name not in self._message_view().filled}
        required = [name for name in schema.get("required", ()) if name in properties]
        body = {key: value for key, value in schema.items() if key not in {"properties", "required"}}
        body |= {"properties": properties} | ({"required": required} if required else {})
        reference = self._component(f"{contract.message_name()}Request", body)
        return {"required": bool(required), "content": {"application/json": {"schema": reference}}}

    def _responses(self) -> Schema:
        contract = self._contract()
        http = http_of(contract)
        failure = {"application/json": {"schema": self._component("Error", _ERROR)}}
        statuses = {status for status in http.statuses if status not in range(200, 300)} | self._added_statuses()
        responses: Schema = {str(http.success): self._success(http.success, contract.response)}
        for status in sorted(statuses):
            responses[str(status)] = {"description": _FAILURES.get(status, "Refused."), "content": failure}
        return responses

    def _success(self, status: int, response: type[Part] | None) -> Schema:
        if status == NO_CONTENT or response is None:
            return {"description": "Done."}
        reference = self._component(response.__name__, response.json_schema())
        return {
            "description": (response.__doc__ or "Done.").strip().splitlines()[0],
            "content": {"application/json": {"schema": reference}},
        }

    def _added_statuses(self) -> set[int]:
        """What may happen to any request of this kind, beside what its contract says."""
        added = {400, 503, *self._message_view().also}
        if self.method in {"POST", "PATCH", "PUT"}:
            added |= {413, 415}
        if self._idempotent():
            added |= {409, 422}
        if self._security() != [{}]:
            added |= {401, 403}
        return added

    def _security(self) -> list[Schema]:
        found: list[Schema] = []
        for permission in self._message_view().permission_classes:
            for kind in _alternatives(permission):
                found += [scheme for scheme in _SECURITY.get(kind, []) if scheme not in found]
        return found or [{}]

    def _component(self, name: str, schema: Schema) -> Schema:
        component = _described(name, ResolvedComponent.SCHEMA, schema)
        self.registry.register_on_missing(component)
        reference: Schema = component.ref
        return reference


def _describe_security(registry: Any) -> None:
    for name, schema in SECURITY_SCHEMES.items():
        registry.register_on_missing(_described(name, ResolvedComponent.SECURITY_SCHEMA, schema))


def _described(name: str, kind: Any, schema: Schema) -> Any:
    make: Any = ResolvedComponent
    return make(name=name, type=kind, object=name, schema=schema)


def _alternatives(permission: Any) -> Iterator[type]:
    """The classes in ``A | B``."""
    operands = [getattr(permission, side, None) for side in ("op1_class", "op2_class")]
    if operands == [None, None]:
        yield permission
    for operand in operands:
        if operand is not None:
            yield from _alternatives(operand)


def message_views(patterns: Any) -> Iterator[type[MessageView]]:
    """Every view of the URL conf that is a contract's HTTP operation."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from message_views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            callback: Any = pattern.callback
            if isinstance(callback, Resource):
                yield from callback.views.values()
            elif issubclass(getattr(callback, "cls", object), MessageView):
                yield callback.cls
