"""How we talk to Postgres, whatever its address."""

from typing import Any

import environ

env = environ.Env()


def postgres(url: str) -> dict[str, Any]:
    """Return the `DATABASES` of one Postgres at `url` (`postgres://user:password@host:port/name`).

    Connections persist and are checked before use, and a dead peer is noticed within seconds. Statement and lock
    limits are Postgres's own, so a stuck query ends even when its client is gone.
    """
    limits: dict[str, Any] = {
        "statement_timeout": env.int("DB_STATEMENT_TIMEOUT_MS", default=30_000),
        "lock_timeout": env.int("DB_LOCK_TIMEOUT_MS", default=10_000),
        "idle_in_transaction_session_timeout": env.int("DB_IDLE_TRANSACTION_TIMEOUT_MS", default=60_000),
        # Says that this connection is the application's own: what it changes in busy tables is recorded only for operators.
        "shop.watch": "off",
    }
    config: dict[str, Any] = environ.Env.db_url_config(url)
    config |= {
        "ENGINE": "config.postgres",
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
    }
    options: dict[str, Any] = {
        "server_side_binding": False,
        "connect_timeout": 5,
        "application_name": env.str("SHOP_PROCESS", default="shop"),
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }
    config["OPTIONS"] = options | config.get("OPTIONS", {})
    return {"default": config}
