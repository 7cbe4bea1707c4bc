"""Somebody who may log in to the back office of a development machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user_model

NAME: Final = "admin"
# Printed wherever it is used, good on a developer's own machine only.
PASSWORD: Final = "shop-floor-keys"  # noqa: S105
ADMIN: Final = "http://127.0.0.1:8000/admin/"


class NotHere(Exception):
    """Example people and a known password have no place outside of development."""


@dataclass(frozen=True, slots=True)
class Operator:
    """``password`` is empty when somebody chose another."""

    name: str
    password: str

    @property
    def in_words(self) -> str:
        """How to log in, for a terminal."""
        return f"user {self.name}, password {self.password or '(the one you chose)'}"


def require_development() -> None:
    """Raises ``NotHere`` anywhere but in development and tests."""
    if settings.SHOP_ENV not in {"development", "test"}:
        raise NotHere("The example shop is for development only: it has customers and an operator with known passwords.")


def ensure_operator() -> Operator:
    """Make the operator unless there is one of that name, who keeps password and rights."""
    require_development()
    users = get_user_model().objects
    user = users.filter(username=NAME).first()
    if user is None:
        user = users.create_superuser(username=NAME, email=f"{NAME}@example.com", password=PASSWORD)
    return Operator(NAME, PASSWORD if user.check_password(PASSWORD) else "")
