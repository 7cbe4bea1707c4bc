"""Talking to the API in tests."""

import json
from typing import Any

from django.test import Client

PASSWORD = "correct horse battery"


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    """POST ``body`` as JSON; bytes go out as they are."""
    return send(client, "POST", path, body, **headers)


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """One request; header names as keyword arguments with underscores."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic(method, path, data, content_type="application/json", headers=named)


def bearer(token: str) -> dict[str, str]:
    """The header of a logged-in customer or a service."""
    return {"Authorization": f"Bearer {token}"}


def register(client: Client, email: str = "ada@example.com", **more: Any) -> Any:
    """The registered customer, as answered."""
    return post(client, "/customers", {"email": email, "password": PASSWORD, **more}).json()


def log_in(client: Client, email: str = "ada@example.com", password: str = PASSWORD) -> str:
    """A fresh access token."""
    token: str = post(client, "/oauth/token", {"email": email, "password": password}).json()["accessToken"]
    return token
