"""A customer at the front door: everything here is an HTTP request with a bearer token."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx

OK = 200
PROCESSING = "PROCESSING"
Line = tuple[UUID, int]


class Unexpected(Exception):
    """The shop answered something that the demo cannot go on from; the message says what."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer and the token that proves it."""

    id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Basket:
    """A filled cart, not yet checked out."""

    id: str
    buyer: Buyer


@dataclass(frozen=True, slots=True)
class Posted:
    """A checkout request and its answer. ``at`` is this machine's clock in seconds; no ``session`` if it was refused."""

    basket: Basket
    at: float
    status: int
    body: dict[str, Any]

    @property
    def session(self) -> str:
        """The checkout session, empty if there is none."""
        return str(self.body.get("checkoutSessionId", ""))


class FrontDoor:
    """The shop's HTTP API as a storefront uses it. Safe to share between threads."""

    def __init__(self, url: str, connections: int) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._http = httpx.Client(base_url=url, timeout=60.0, limits=limits)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def log_in(self, customer_id: UUID, email: str, password: str) -> Buyer:
        """Exchange e-mail and password for a token."""
        body = self._must("POST", "/oauth/token", {"email": email, "password": password})
        return Buyer(customer_id, str(body["accessToken"]))

    def register(self, email: str, name: str, password: str, address: dict[str, Any]) -> Buyer:
        """A new customer with an address, logged in."""
        body = self._must("POST", "/customers", {"email": email, "name": name, "password": password})
        buyer = self.log_in(UUID(body["customerId"]), email, password)
        self._must("POST", f"/customers/{buyer.id}/addresses", {"address": address, "isDefault": True}, buyer)
        return buyer

    def fill(self, buyer: Buyer, lines: Sequence[Line]) -> Basket:
        """A cart of this buyer with these products."""
        cart = str(self._must("POST", "/carts", {"currency": "GBP"}, buyer)["cartId"])
        for product, quantity in lines:
            self._must("POST", f"/carts/{cart}/items", {"productId": str(product), "quantity": quantity}, buyer)
        return Basket(cart, buyer)

    def review(self, buyer: Buyer, product: UUID, review_id: UUID, text: str, rating: int) -> str:
        """Review a product; what its author is told of it. Sent again it only asks."""
        body = {"reviewId": str(review_id), "rating": rating, "body": text}
        return str(self._must("POST", f"/products/{product}/reviews", body, buyer)["status"])

    def reviews(self, product: UUID) -> dict[str, Any]:
        """The first page of what readers see."""
        return self._must("GET", f"/products/{product}/reviews", None)

    def flag(self, buyer: Buyer, review_id: UUID, reason: str) -> None:
        """Report a review."""
        self._must("POST", f"/reviews/{review_id}/flags", {"reason": reason}, buyer)

    def check_out(self, basket: Basket, key: str = "", **wishes: Any) -> Posted:
        """Check the cart out, with an ``Idempotency-Key`` if one is given. Refusals are answers too."""
        body = {"customerId": str(basket.buyer.id), "deliveryMethod": "HOME_DELIVERY", **wishes}
        at = time.time()
        answer = self._send("POST", f"/carts/{basket.id}/checkout", body, basket.buyer, {"Idempotency-Key": key} if key else {})
        return Posted(basket, at, answer.status_code, answer.json())

    def cancel(self, buyer: Buyer, order_id: str) -> dict[str, Any]:
        """Cancel one order of this buyer."""
        return self._must("POST", f"/orders/{order_id}/cancel", {"reason": "CUSTOMER_REQUESTED"}, buyer)

    def set_quantity(self, buyer: Buyer, order_id: str, quantity: int) -> dict[str, Any]:
        """Want so many of the first line of an order of this buyer."""
        change = {"type": "SET_QUANTITY", "position": 1, "quantity": quantity}
        return self._must("POST", f"/orders/{order_id}/amendments", {"changes": [change]}, buyer)

    def checkout(self, posted: Posted) -> dict[str, Any]:
        """How that checkout stands."""
        return self._must("GET", f"/checkouts/{posted.session}", None, posted.basket.buyer)

    def order(self, buyer: Buyer, order_id: str) -> dict[str, Any]:
        """One order of this buyer."""
        return self._must("GET", f"/orders/{order_id}", None, buyer)

    def search(self, query: str) -> dict[str, Any]:
        """What anybody finds by these words."""
        return self._must("GET", f"/search/products?{urlencode({'query': query})}", None)

    def personal_data(self, buyer: Buyer) -> dict[str, Any]:
        """Everything the shop holds about this buyer."""
        return self._must("GET", f"/customers/{buyer.id}/personal-data", None, buyer)

    def erase(self, buyer: Buyer, password: str) -> int:
        """Have this buyer forgotten; the status that was answered."""
        return self._send("POST", f"/customers/{buyer.id}/erasure", {"password": password}, buyer, {}).status_code

    def _must(self, method: str, path: str, body: dict[str, Any] | None, buyer: Buyer | None = None) -> dict[str, Any]:
        answer = self._send(method, path, body, buyer, {})
        if not answer.is_success:
            raise Unexpected(f"{method} {path} was answered {answer.status_code}: {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None, buyer: Buyer | None, headers: dict[str, str]
    ) -> httpx.Response:
        token = {"Authorization": f"Bearer {buyer.token}"} if buyer else {}
        return self._http.request(method, path, json=body, headers={**headers, **token})
