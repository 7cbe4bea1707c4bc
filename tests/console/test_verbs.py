"""Every verb on every screen: sending needs a permission, a reason, and rows as they were seen."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import resolve
from pytest_django import DjangoDbBlocker

from config.roles import ROLES
from ordering.checkout.models import CheckoutSession
from shop.console.base import OpsModelAdmin
from shop.console.verbs import Verb
from tests.console.buttons import SCREENS, VERBS, counts, screen_of
from tests.console.everything import everything
from tests.console.shop import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _everything(filled: Shop, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        everything(filled)


def row_of(screen: OpsModelAdmin) -> str:
    """The key of one row; there is one on every screen."""
    key = screen.model._default_manager.values_list("pk", flat=True).first()
    assert key is not None, screen
    return str(key)


def test_there_are_verbs_to_test() -> None:
    assert len(VERBS) >= 90
    assert all(not screen.actions_detail and not screen.actions_list and not screen.actions_row for screen in SCREENS)


def answers(user: User, screen: OpsModelAdmin, verb: Verb, row: str) -> Iterator[int]:
    """What the address of a verb says to looking and to sending without a reason; the pages themselves are not drawn."""
    asked = RequestFactory()
    address = screen.verb_url(verb)
    for request in (asked.get(address, {"ids": row}), asked.post(address, {"seen": f"{row}:", "reason": " \t\n"})):
        found = resolve(address)
        request.user = user
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # as the test client does
        try:
            yield found.func(request, **found.kwargs).status_code
        except PermissionDenied:
            yield 403


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_is_let_in_to_its_own_verbs_and_no_other(shop: Shop, role: str) -> None:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    before = counts()
    for screen, verb in VERBS:
        allowed = verb.permission(screen.model) in ROLES[role]
        expected = [200, 422] if allowed else [403, 403]
        assert list(answers(user, screen, verb, row_of(screen))) == expected, (screen, verb.name)
    assert counts() == before


def test_nobody_signed_in_is_sent_to_the_login(shop: Shop) -> None:
    client = Client()
    for screen, verb in VERBS:
        answer = client.post(screen.verb_url(verb), {"reason": "x"})
        assert answer.status_code == 302
        assert "/login/" in answer.headers["Location"]


def test_without_a_csrf_token_it_is_refused(shop: Shop, admin: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin.cookies
    parked = shop.session("stuck-1")
    verb = screen_of(CheckoutSession).verb_named("retry")
    assert verb is not None
    answer = strict.post(screen_of(CheckoutSession).verb_url(verb), {"seen": f"{parked.pk}:", "reason": "x"})
    assert answer.status_code == 403
    assert shop.session("stuck-1").version == parked.version


def test_an_unknown_verb_and_rows_that_are_gone_are_404(admin: Client, shop: Shop) -> None:
    screen = screen_of(CheckoutSession)
    verb: Verb = screen.verbs[0]
    assert admin.get(f"{screen.list_url()}verbs/destroy/").status_code == 404
    assert admin.get(screen.verb_url(verb)).status_code == 404
    for ids in ("nonsense", "\x00", str(UUID(int=7)), "," * 500):
        assert admin.get(screen.verb_url(verb, ids=ids)).status_code == 404


def test_a_page_cannot_be_posted_to(admin: Client, shop: Shop) -> None:
    for screen in SCREENS:
        page = screen.url_of(row_of(screen))
        assert admin.post(page, {"state": "COMPLETED"}).status_code == 405
        assert admin.get(f"{screen.list_url()}add/").status_code == 403
        assert admin.post(f"{page.removesuffix('change/')}delete/", {"post": "yes"}).status_code == 403
