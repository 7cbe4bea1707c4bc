"""Customers in tests."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from tests.http.calls import PASSWORD, bearer, log_in, post, register, send

ADDRESS = {"line1": "1 Main St", "city": "Ulm", "postalCode": "89073", "countryCode": "DE"}


@dataclass
class Person:
    """A registered customer who is logged in."""

    client: Client
    id: str
    email: str
    token: str

    @property
    def path(self) -> str:
        return f"/customers/{self.id}"

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=bearer(self.token))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return send(self.client, method, path, body, **headers, **bearer(self.token))

    def add_address(self, **more: Any) -> Any:
        return self.send("POST", f"{self.path}/addresses", {"address": ADDRESS, **more})

    def book(self) -> list[dict[str, Any]]:
        addresses: list[dict[str, Any]] = self.get(f"{self.path}/addresses").json()["addresses"]
        return addresses


def customer(client: Client, email: str = "ada@example.com") -> Person:
    """Registered and logged in."""
    return Person(client, register(client, email)["customerId"], email, log_in(client, email))


def try_to_log_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return post(client, "/oauth/token", {"email": email, "password": password}, **extra)
