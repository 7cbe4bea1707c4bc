"""Everything in the request, in one transaction: the least a web shop can do."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from config.bench.peers import flow


def live(_request: HttpRequest) -> HttpResponse:
    """The server is up."""
    return HttpResponse(b"up")


def place(request: HttpRequest) -> HttpResponse:
    """``{"cart": uuid, "products": [int, int]}`` becomes an order. Without middleware, authentication or validation."""
    body = json.loads(request.body)
    flow.all_at_once(UUID(body["cart"]), body["products"])
    return JsonResponse({"cart": body["cart"]}, status=201)
