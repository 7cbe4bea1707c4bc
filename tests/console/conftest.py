from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from config.sandbox import Sandbox
from tests.console.shop import Shop, fill, providers


@pytest.fixture(scope="session")
def console_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker, console_sandbox: Sandbox) -> Iterator[Shop]:
    """A shop with something in every state, made once for all tests of a module; each works in a savepoint of its own."""
    with django_db_blocker.unblock(), rolled_back(), providers(console_sandbox):
        made = Shop()
        fill(made)
        with django_db_blocker.block():
            yield made


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction that Django takes for a test's own, and that never happened."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # what Django marks a test's own with
    with around:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def shop(filled: Shop, db: None, console_sandbox: Sandbox) -> Iterator[Shop]:
    """The shop as it was filled, also at the providers."""
    with console_sandbox.undone(), providers(console_sandbox):
        yield deepcopy(filled)


@pytest.fixture
def admin(db: None) -> Client:
    """Signed in as somebody who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=None), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """Signs somebody in who has these roles and nothing else."""

    def somebody(*roles: str) -> Client:
        user = User.objects.create_user(f"user-{len(roles)}-{'-'.join(roles)}"[:100], is_staff=True)
        user.groups.set(Group.objects.filter(name__in=roles))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return somebody
