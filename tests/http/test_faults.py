"""The database goes away, or the power: the client is told to come back, and coming back has one effect."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from shop.customers.models import CustomerProfile
from shop.http.models import IdempotencyKey
from tests.http.calls import PASSWORD, post

pytestmark = pytest.mark.django_db(transaction=True)

ADA = {"email": "ada@example.com", "password": PASSWORD}

# One request in a process of its own, which the crash point may kill.
REQUEST = f"""
import django
django.setup()
from django.test import Client
from tests.http.calls import post
print(post(Client(), "/customers", {ADA!r}, Idempotency_Key="one").status_code)
"""


def database_url() -> str:
    values = connection.settings_dict
    return f"postgres://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


def request_that_dies(point: str) -> int:
    environment = os.environ | {
        "CRASH_AT": point,
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }
    return subprocess.run([sys.executable, "-c", REQUEST], env=environment, cwd=settings.BASE_DIR, check=False).returncode


@pytest.fixture
def killed() -> Iterator[None]:
    """The server side of this test's connection is gone."""
    connection.ensure_connection()
    process = connection.connection.info.backend_pid
    with psycopg.connect(database_url(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [process])
    yield
    connection.close()


@pytest.mark.usefixtures("killed")
def test_a_lost_database_is_503_and_the_next_request_is_served(client: Client) -> None:
    response = post(client, "/customers", ADA, Idempotency_Key="one")
    assert response.status_code == 503
    assert response.json()["code"] == "unavailable"
    assert int(response["Retry-After"]) >= 1
    connection.close()
    assert post(client, "/customers", ADA, Idempotency_Key="one").status_code == 201
    assert CustomerProfile.objects.count() == 1


@pytest.mark.usefixtures("killed")
def test_health_says_so(client: Client) -> None:
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


def test_killed_before_the_commit_nothing_happened_and_the_key_comes_free(client: Client) -> None:
    assert request_that_dies("execute.before_commit") == -signal.SIGKILL
    assert not CustomerProfile.objects.exists()
    waiting = post(client, "/customers", ADA, Idempotency_Key="one")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "request_in_progress")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_idempotencykey SET leased_until = now() - interval '1 second'")
    assert post(client, "/customers", ADA, Idempotency_Key="one").status_code == 201
    assert CustomerProfile.objects.count() == 1


def test_killed_after_the_commit_the_repeat_gets_the_answer(client: Client) -> None:
    assert request_that_dies("execute.after_commit") == -signal.SIGKILL
    assert IdempotencyKey.objects.get().status == 201
    again = post(client, "/customers", ADA, Idempotency_Key="one")
    assert again.status_code == 201
    assert again["Idempotent-Replayed"] == "true"
    assert again.json()["customerId"] == str(CustomerProfile.objects.get().pk)
