"""Who may call a view. A customer asking for another customer's things is told they do not exist."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from shop.http.principal import Principal
from shop.messaging.errors import Missing


def no_such_customer() -> Missing:
    """The one answer for a customer who is not there and for one who is somebody else."""
    return Missing("customer_not_found", "There is no such customer.")


def _principal(request: Request) -> Principal:
    return cast(Principal, request.user)


class Public(BasePermission):
    """Anybody; a token that is sent has to be valid all the same."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return True


class IsCustomer(BasePermission):
    """A customer with a valid token."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return _principal(request).customer_id is not None


class IsStaffOrService(BasePermission):
    """A member of staff or a service whose scopes include the view's ``scope`` (``catalog:write``)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = _principal(request)
        return principal.is_operator and principal.may(view.required_scope())


class IsSelf(BasePermission):
    """The customer whose ``customer_id`` is in the address. Raises ``Missing`` for everybody else's."""

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = _principal(request)
        if principal.customer_id is None:
            return False
        if str(principal.customer_id) != str(view.kwargs.get("customer_id")):
            raise no_such_customer()
        return True


class IsSelfOrOperator(BasePermission):
    """The customer in the address, or a member of staff or service whose scopes include the view's ``scope``."""

    def has_permission(self, request: Request, view: Any) -> bool:
        checks: tuple[BasePermission, ...] = (IsStaffOrService(), IsSelf())
        return any(check.has_permission(request, view) for check in checks)
