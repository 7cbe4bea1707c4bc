"""The one thing that is not Django's: how a kept connection is found to be alive."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import errors

QUIET = 0  # milliseconds


class DatabaseWrapper(base.DatabaseWrapper):
    """``CONN_HEALTH_CHECKS`` would ask ``SELECT 1`` before every request and task: a trip and a transaction of its own."""

    def is_usable(self) -> bool:
        """Whether the server is still there. One that hung up has said so, and its line has something to read; nothing is said on
        a line that is at rest. A peer that fell silent is found out by the keepalives, as it would be while it was asked."""
        if self.connection is None:
            return False
        try:
            line = select.poll()
            line.register(self.connection.fileno(), select.POLLIN)
            if not line.poll(QUIET):
                return True
        except (OSError, ValueError, errors.Error):
            return False
        usable: bool = super().is_usable()
        return usable
