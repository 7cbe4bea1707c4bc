"""Looking changes nothing: every screen, every tab, every verb, and every link on any of these pages, without one write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.contrib.messages.storage import default_storage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, URLPattern, URLResolver, resolve, reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from shop.console.base import OpsModelAdmin
from tests.console.buttons import counts
from tests.console.everything import everything
from tests.console.shop import Shop

pytestmark = pytest.mark.django_db

WRITE = re.compile(r"^[(\s]*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE|LOCK|NOTIFY|CREATE|DROP|ALTER)\b", re.IGNORECASE)
HREF = re.compile(r"""\s(?:href|data-watch)="([^"#]+)""")
# Django's own pages to add, change and remove staff; whoever signs out does so by POST.
PAGES = (
    "", "invariants/", "flows/", "find/?q=x@y.z", "search/?s=x", "jsi18n/", "password_change/", "ordering/", "kept/",
    "kept/1/rename/", "kept/1/drop/",
)  # fmt: skip
NOT_LOOKED_AT = {"logout", "view_on_site", "autocomplete", "app_list", "password_change_done", "login"}


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """Every name below ``/admin/``."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def beginnings() -> Iterator[tuple[str, bool]]:
    """Every address that must be looked at whether or not a link leads there, and whether its links are followed."""
    for address in PAGES:
        yield f"/admin/{address}", True
    for screen in django_admin.site._registry.values():
        row = screen.model._default_manager.first()
        key = 0 if row is None else row.pk  # of ours every one has a row; of what Django and its packages bring, some have not
        listed, page = address_of(screen, "changelist"), address_of(screen, "change", key)
        yield from ((listed, True), (page, True))
        for pattern in screen.get_urls():
            if pattern.name:
                parts = dict.fromkeys(pattern.pattern.converters, key) | ({"name": "nothing"} if "_verb" in pattern.name else {})
                yield reverse(f"admin:{pattern.name}", kwargs=parts), False
        if isinstance(screen, OpsModelAdmin):
            yield from ((f"{listed}?tab={tab.name}", False) for tab in screen.tabs)
            yield from ((screen.verb_url(verb, ids=str(key)), False) for verb in screen.verbs)


def address_of(screen: ModelAdmin[Any], page: str, *key: object) -> str:
    """The address of a list or of one row's page."""
    return reverse(f"admin:{screen.opts.app_label}_{screen.opts.model_name}_{page}", args=key)


def kind_of(address: str) -> tuple[str, ...] | None:
    """What an address is a case of: its name and its parameters. ``None`` if it is none of ours."""
    parts = urlsplit(address)
    try:
        found = resolve(parts.path)
    except Resolver404:
        return None
    name = found.url_name or parts.path
    return (name, str(found.kwargs.get("name", "")), *sorted(parse_qs(parts.query))) if found.app_name == "admin" else None


def look(user: User, address: str, *, drawn: bool) -> tuple[list[str], list[str]]:
    """What looking at an address wrote, and the links on the page if it is drawn."""
    request = RequestFactory().get(address)
    request.user = user
    request.session = SessionStore()
    request._messages = default_storage(request)  # type: ignore[attr-defined]  # what its middleware puts there
    found = resolve(request.path_info)
    links: list[str] = []
    with CaptureQueriesContext(connection) as asked:
        try:
            answer = found.func(request, *found.args, **found.kwargs)
            if drawn and isinstance(answer, TemplateResponse):
                links = [unescape(href) for href in HREF.findall(answer.render().content.decode())]
        except (PermissionDenied, Http404):
            pass
    return [query["sql"] for query in asked.captured_queries if WRITE.match(query["sql"])], links


def test_looking_at_anything_changes_nothing(shop: Shop) -> None:
    everything(shop)
    user = User.objects.create_superuser("root", password=None)
    TOTPDevice.objects.create(user=user, name="phone")
    before, seen = counts(), set[tuple[str, ...]]()
    addresses: dict[str, bool] = {}
    for address, drawn in beginnings():
        addresses.setdefault(address, drawn)
    for address, drawn in addresses.items():
        wrote, links = look(user, address, drawn=drawn)
        assert not wrote, address
        seen.add(kind_of(address) or ())
        for link in (urljoin(address, href) for href in links):
            kind = kind_of(link)
            if kind is not None and kind not in seen:
                seen.add(kind)
                wrote, _ = look(user, link, drawn=False)
                assert not wrote, link
    assert counts() == before
    never = set(names(django_admin.site.urls[0])) - {kind[0] for kind in seen if kind} - NOT_LOOKED_AT
    assert never == set()
