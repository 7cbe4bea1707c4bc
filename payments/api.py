"""Payments over HTTP: authorising and looking one up, for staff and services; and the provider's webhooks, for the provider."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from payments.inbox import receive
from shop.contracts.ordering.checkout import AuthorizePayment
from shop.contracts.payments import GetPayment
from shop.http.idempotency import HEADER
from shop.http.permissions import IsStaffOrService, Public
from shop.http.views import CommandView, QueryView

SIGNATURE = "Stripe-Signature"


class AuthorizePaymentView(CommandView):
    """Hold an amount on a payment method: 201 when it is held, 402 with the reason when it is refused.

    503 says that the provider has not answered yet: repeating the request with the same ``Idempotency-Key`` (or
    ``paymentId``) never holds twice.
    """

    command = AuthorizePayment
    permission_classes = (IsStaffOrService,)

    def fill(self, data: dict[str, Any]) -> None:
        key = self.request.headers.get(HEADER)
        if key and "paymentId" not in data:
            data["paymentId"] = str(uuid5(NAMESPACE_URL, f"payment:{self.principal.actor}:{key}"))


class GetPaymentView(QueryView):
    """One payment as our ledger has it."""

    query = GetPayment
    permission_classes = (IsStaffOrService,)


class StripeWebhookView(APIView):
    """Where the provider tells us what happened. Its signature over the raw body is its password.

    Answers 200 once the event is stored, also when it has been here before; 400 for anything that is not the provider's.
    """

    authentication_classes = ()
    permission_classes = (Public,)
    http_method_names = ["post"]

    def post(self, request: Request) -> HttpResponse:
        """Store and answer; the work is done later."""
        stored = receive(request._request.body, request.headers.get(SIGNATURE, ""))
        return JsonResponse({"received": True, "duplicate": stored is None})
