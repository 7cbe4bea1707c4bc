"""A real Chromium against the real pages. Debian's ``chromium`` is enough: ``apt-get install -y chromium``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page, expect

from config.sandbox import Sandbox
from tests.chromium import chromium, left_out
from tests.console.shop import Shop, fill, providers

# Playwright's own loop runs in the thread of the test, which talks to the database too.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# What a closed network and a container need: no calls home, no sandbox as root.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
expect.set_options(timeout=30_000)  # something is broken by then, on a busy machine too; nothing is measured with it
SCREENS = os.environ.get("SCREENS", "")


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups next, also where this file is loaded before it
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser these tests are left out, which ``tests/conftest.py`` says; except in continuous integration."""
    mine = [item for item in items if Path(__file__).parent in Path(item.path).parents]
    for item in mine:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("browser"))
    if mine and left_out():
        config.hook.pytest_deselected(items=mine)
        items[:] = [item for item in items if item not in mine]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    found = chromium()
    if found is None:
        pytest.fail("No Chromium here: scripts/chromium installs it, or says what to install", pytrace=False)
    return {"executable_path": found, "args": ARGUMENTS, "headless": True}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 1000}, "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def console_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def shop(transactional_db: None, console_sandbox: Sandbox) -> Iterator[Shop]:
    """A shop with something in every state, visible to the server's own threads."""
    with providers(console_sandbox):
        made = Shop()
        fill(made)
        yield made


@pytest.fixture
def console(page: Page, live_server: Any, transactional_db: None) -> Page:
    """A page whose visitor may do everything. Anything asked from outside, or any script error, fails the test."""
    user = User.objects.create_superuser("ada", password=None)
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    page.context.add_cookies([{"name": "sessionid", "value": str(session.session_key), "url": live_server.url}])
    watched(page, live_server.url)
    return page


OUTSIDE: list[str] = []


def watched(page: Page, home: str) -> None:
    """Note what this page asks from outside, and its errors: either fails the test."""
    page.on("request", lambda request: _inside(request.url, home))
    page.on("pageerror", lambda error: OUTSIDE.append(f"script error: {error}"))
    page.on("console", lambda said: OUTSIDE.append(f"console: {said.text}") if said.type == "error" else None)


def _inside(url: str, home: str) -> None:
    if not url.startswith((home, "data:", "blob:")):
        OUTSIDE.append(f"asked from outside: {url}")


@pytest.fixture(autouse=True)
def _nothing_from_outside() -> Iterator[None]:
    OUTSIDE.clear()
    yield
    assert OUTSIDE == []
