"""Tests: real Postgres, real Redis-compatible server, real Celery messages; only passwords are cheap."""

import os

from config.settings.development import *  # noqa: F403
from config.settings.development import BASE_DIR, DATABASES, servers

SHOP_ENV = "test"
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]

# A test sits in one transaction from its first line to its last, and on a busy machine it may think for long.
DATABASES["default"]["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=0"
DATABASES["default"]["TEST"] = {"NAME": f"test_{servers.name}"}

# Tests that commit empty every table afterwards, the audit trail too, which refuses that to everybody else.
DATABASES["default"]["OPTIONS"]["options"] += " -c shop.audit_permit=truncate"

# Every pytest-xdist worker has a Redis database of its own, as it has one of Postgres.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS_URL = f"{servers.redis.rsplit('/', 1)[0]}/{WORKER + 1}"
CELERY_BROKER_URL = REDIS_URL

PASSWORD_HASHERS = ["tests.hashers.CheapArgon2PasswordHasher"]

LOG_LEVEL = "WARNING"
LOGGING["root"]["level"] = LOG_LEVEL
LOGGING["loggers"]["django"]["level"] = "ERROR"

MEDIA_ROOT = str(BASE_DIR / ".local" / "test-media")
