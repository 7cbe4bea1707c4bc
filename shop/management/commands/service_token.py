"""``manage.py service_token create|list|revoke``: the tokens our services authenticate with."""

from __future__ import annotations

import re
import secrets
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db.models.functions import Now

from shop.http.authentication import SERVICE_PREFIX, digest
from shop.http.models import ServiceToken

SCOPE: Final = re.compile(r"\*|[a-z]+:(read|write)")
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class Command(BaseCommand):
    """A token is shown once, when it is made; only its SHA-256 is kept."""

    help = "Make, list and revoke the tokens our services authenticate with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="Print a new token; it is not shown again")
        create.add_argument("name", help="Who will use it; messages are signed service:<name>")
        create.add_argument("scopes", nargs="+", metavar="scope", help="such as catalog:write, inventory:read, or *")
        create.add_argument("--days", type=int, default=365, help="until it expires (default: %(default)s)")
        verbs.add_parser("list", help="Every token: who, what for, until when, last used")
        revoke = verbs.add_parser("revoke", help="End a token now, by its id, or every one of a service, by its name")
        revoke.add_argument("which")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["verb"]:
            case "create":
                self.create(options["name"], options["scopes"], options["days"])
            case "list":
                self.list()
            case _:
                self.revoke(options["which"])

    def create(self, name: str, scopes: list[str], days: int) -> None:
        """Make one and print it."""
        if not NAME.fullmatch(name):
            raise CommandError("A name has lower-case letters, digits, dots and dashes, 80 at most.")
        if wrong := [scope for scope in scopes if not SCOPE.fullmatch(scope)]:
            raise CommandError(f"Not a scope: {', '.join(wrong)}. A scope looks like catalog:write.")
        if not 1 <= days <= 3_650:
            raise CommandError("A token is good for 1 to 3650 days.")
        token = SERVICE_PREFIX + secrets.token_urlsafe(32)
        expires_at = Now() + timedelta(days=days)
        ServiceToken.objects.create(name=name, sha256=digest(token), scopes=sorted(set(scopes)), expires_at=expires_at)
        self.stdout.write(token)

    def list(self) -> None:
        """Print all, the newest first."""
        for row in ServiceToken.objects.order_by("-created_at"):
            state = f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else f"until {row.expires_at:%Y-%m-%d}"
            used = f"last used {row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never used"
            self.stdout.write(f"{row.pk}  {row.name}  {' '.join(row.scopes)}  {state}  {used}")

    def revoke(self, which: str) -> None:
        """End it. Raises ``CommandError`` when there is none to end."""
        live = ServiceToken.objects.filter(revoked_at__isnull=True)
        ended = live.filter(**({"pk": which} if _is_id(which) else {"name": which})).update(revoked_at=Now())
        if not ended:
            raise CommandError(f"There is no live token {which}.")
        self.stdout.write(f"{ended} revoked")


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) is not None
