"""Orders over HTTP. A customer sees its own; staff and services see all of them and may make one."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from ordering.orders.queries import customer_of, no_such_order
from shop.contracts.ordering import (
    CancelOrder,
    ChangeDeliveryAddress,
    CreateOrder,
    GetOrder,
    GetOrderStatusHistory,
    ListOrders,
    OrderView,
)
from shop.contracts.ordering.amending import AmendOrder, GetAmendment, PreviewOrderAmendment
from shop.contracts.ordering.archiving import GetArchivedOrder
from shop.http.permissions import IsCustomer, IsStaffOrService
from shop.http.principal import Principal
from shop.http.views import CommandView, QueryView
from shop.messaging.errors import Invalid

BY_CUSTOMER: Final = "CUSTOMER_REQUESTED"


def own_order_only(principal: Principal, order_id: UUID) -> None:
    """Raises ``Missing`` for a customer's look at somebody else's order."""
    if principal.customer_id is not None and customer_of(order_id) != principal.customer_id:
        raise no_such_order()


class CreateOrderView(CommandView):
    """Make an order by hand; a checkout makes its own."""

    command = CreateOrder
    permission_classes = (IsStaffOrService,)


class ListOrdersView(QueryView):
    """The orders of a customer: its own, whatever ``customerId`` it asks for; staff and services say whose."""

    query = ListOrders
    permission_classes = (IsCustomer | IsStaffOrService,)

    def fill(self, data: dict[str, Any]) -> None:
        if self.principal.customer_id is not None:
            data["customerId"] = str(self.principal.customer_id)


class CancelOrderView(CommandView):
    """Cancel an order that is not with the warehouse yet. A customer cancels its own, and only because it wants to."""

    command = CancelOrder
    permission_classes = (IsCustomer | IsStaffOrService,)

    def authorise(self, message: CancelOrder) -> None:
        own_order_only(self.principal, message.order_id)
        if self.principal.customer_id and message.reason != BY_CUSTOMER:
            raise Invalid("reason_not_yours", f"A customer cancels with {BY_CUSTOMER}.")


class ChangeDeliveryAddressView(CommandView):
    """Send an order somewhere else; a customer its own."""

    command = ChangeDeliveryAddress
    permission_classes = (IsCustomer | IsStaffOrService,)

    def authorise(self, message: ChangeDeliveryAddress) -> None:
        own_order_only(self.principal, message.order_id)


class AmendOrderView(CommandView):
    """Change an order that is not with the warehouse yet; a customer its own, all but the discount."""

    command = AmendOrder
    permission_classes = (IsCustomer | IsStaffOrService,)

    def authorise(self, message: AmendOrder) -> None:
        own_order_only(self.principal, message.order_id)
        if self.principal.customer_id and any(change.type == "CORRECT_PROMOTION" for change in message.changes):
            raise Invalid("change_not_yours", "Only the shop corrects a promotion.")


class PreviewAmendmentView(CommandView):
    """What a change would cost."""

    command = PreviewOrderAmendment
    permission_classes = (IsCustomer | IsStaffOrService,)
    idempotent = False

    def authorise(self, message: PreviewOrderAmendment) -> None:
        own_order_only(self.principal, message.order_id)


class GetAmendmentView(QueryView):
    """How one change stands."""

    query = GetAmendment
    permission_classes = (IsCustomer | IsStaffOrService,)

    def authorise(self, message: GetAmendment) -> None:
        own_order_only(self.principal, message.order_id)


class GetArchivedOrderView(QueryView):
    """An archived order as it was, for staff and services."""

    query = GetArchivedOrder
    permission_classes = (IsStaffOrService,)
    also = (503,)


class GetOrderView(QueryView):
    """One order."""

    query = GetOrder
    permission_classes = (IsCustomer | IsStaffOrService,)

    def admit(self, answer: OrderView) -> None:
        if self.principal.customer_id not in (None, answer.customer_id):
            raise no_such_order()


class GetOrderStatusHistoryView(QueryView):
    """How an order came to be where it is."""

    query = GetOrderStatusHistory
    permission_classes = (IsCustomer | IsStaffOrService,)

    def authorise(self, message: GetOrderStatusHistory) -> None:
        own_order_only(self.principal, message.order_id)
