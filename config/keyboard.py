"""Commands that somebody types to change something by hand: what they change is recorded under their name, busy tables included.

Django's own ``dbshell`` needs none of this: it runs ``psql``, which does not say that it is the application.
"""

from __future__ import annotations

import getpass
import json
from typing import Any, Final

from django.db.backends.signals import connection_created

from shop.messaging.context import act_as, current_actor

TYPED: Final = frozenset({"shell", "createsuperuser", "changepassword", "service_token"})
LONGEST_ACTOR: Final = 120
DECLARE: Final = "SELECT set_config('shop.acting', %s, false), set_config('shop.watch', 'on', false)"


def declare_keyboard(command: str) -> None:
    """If this command is typed by hand, every connection of this process says so, until an operator's own deed says more."""
    if command in TYPED:
        act_as(f"staff:shell ({_whoever()})"[:LONGEST_ACTOR])
        connection_created.connect(_declare, dispatch_uid="keyboard")


def _declare(connection: Any, **_: Any) -> None:
    said = {"actor": current_actor(), "verb": "shell"}
    with connection.cursor() as cursor:
        cursor.execute(DECLARE, [json.dumps(said)])


def _whoever() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return "nobody"
