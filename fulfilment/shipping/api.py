"""Shipments over HTTP: booking and tracking, for staff and services; an order's own for its customer; the carrier's webhooks."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from fulfilment.shipping.inbox import receive
from fulfilment.shipping.queries import customer_of_order, no_such_shipment
from shop.contracts.fulfilment import CreateShipment, GetOrderShipment, GetShipment
from shop.http.permissions import IsCustomer, IsStaffOrService, Public
from shop.http.views import CommandView, QueryView

SIGNATURE = "Carrier-Signature"


class CreateShipmentView(CommandView):
    """Book a carrier for a packed order; asked again, the answer is the same shipment.

    REQUESTED says that the carrier has not answered yet: it is asked on, and asking here again never books twice.
    """

    command = CreateShipment
    permission_classes = (IsStaffOrService,)


class GetShipmentView(QueryView):
    """One shipment, its parcels and where they are."""

    query = GetShipment
    permission_classes = (IsStaffOrService,)


class GetOrderShipmentView(QueryView):
    """Where an order is: its newest shipment. A customer sees that of its own orders."""

    query = GetOrderShipment
    permission_classes = (IsCustomer | IsStaffOrService,)

    def authorise(self, message: GetOrderShipment) -> None:
        own = self.principal.customer_id
        if own is not None and customer_of_order(message.order_id) != own:
            raise no_such_shipment()


class CarrierWebhookView(APIView):
    """Where the carrier tells us what happened. Its signature over the raw body is its password.

    Answers 200 once the event is stored, also when it has been here before; 400 for anything that is not the carrier's.
    """

    authentication_classes = ()
    permission_classes = (Public,)
    http_method_names = ["post"]

    def post(self, request: Request) -> HttpResponse:
        """Store and answer; the work is done later."""
        stored = receive(request._request.body, request.headers.get(SIGNATURE, ""))
        return JsonResponse({"received": True, "duplicate": stored is None})
