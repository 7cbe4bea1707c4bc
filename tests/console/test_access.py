"""Who gets in, what each role sees, and what the browser is told to trust."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from config.roles import ROLES
from shop.messaging.models import Message
from tests.console.buttons import SCREENS, VERBS

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"


def test_the_migration_made_every_role_as_the_table_says() -> None:
    for role, names in ROLES.items():
        held = Group.objects.get(name=role).permissions.select_related("content_type")
        assert {f"{one.content_type.app_label}.{one.codename}" for one in held} == set(names), role


def test_every_permission_of_a_role_opens_something() -> None:
    known = {verb.permission(screen.model) for screen, verb in VERBS}
    known |= {f"{screen.opts.app_label}.view_{screen.opts.model_name}" for screen in SCREENS}
    assert {name for names in ROLES.values() for name in names} == known
    assert Permission.objects.filter(codename="retry_checkoutsession").count() == 1


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_sees_its_own_screens_and_no_other(sign_in: Callable[..., Client], role: str) -> None:
    client = sign_in(role)
    for screen in SCREENS:
        allowed = f"{screen.opts.app_label}.view_{screen.opts.model_name}" in ROLES[role]
        assert client.get(screen.list_url()).status_code == (200 if allowed else 403), screen
    assert client.get(reverse("admin:index")).status_code == 200
    assert client.get(reverse("admin:find"), {"q": "x@y.z"}).status_code == 200
    may_check = "messaging.view_message" in ROLES[role]
    assert client.post(reverse("admin:invariants")).status_code == (302 if may_check else 403)


def test_the_sidebar_leads_nobody_to_a_closed_door(sign_in: Callable[..., Client]) -> None:
    page = sign_in("warehouse").get(reverse("admin:index")).content.decode()
    assert reverse("admin:fulfilment_stockitem_changelist") in page
    assert reverse("admin:payments_payment_changelist") not in page


def test_without_a_role_there_is_nothing_to_see(sign_in: Callable[..., Client]) -> None:
    client = sign_in()
    assert {client.get(screen.list_url()).status_code for screen in SCREENS} == {403}


def test_one_signs_in_with_a_password_and_is_locked_out_after_five_wrong_ones() -> None:
    User.objects.create_superuser("vera", password=PASSWORD)
    login = reverse("admin:login")
    assert Client().post(login, {"username": "vera", "password": PASSWORD, "next": "/admin/"}).status_code == 302
    client = Client()
    for _ in range(5):
        client.post(login, {"username": "vera", "password": "wrong"})
    answer = client.post(login, {"username": "vera", "password": PASSWORD})
    assert answer.status_code == 429
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("username", ["\x00", "a" * 10_000, "<script>", "ﬀ@x"])
def test_odd_credentials_are_refused_like_others(username: str) -> None:
    answer = Client().post(reverse("admin:login"), {"username": username, "password": "\x00"})
    assert answer.status_code == 200
    assert '<script>"' not in answer.content.decode()


def test_the_policy_is_looser_here_and_nowhere_else(admin: Client) -> None:
    policy = admin.get(reverse("admin:index")).headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert "http" not in policy
    assert "unsafe-eval" not in Client().get("/").headers["Content-Security-Policy"]
    assert "unsafe-eval" in Client().get(reverse("admin:login")).headers["Content-Security-Policy"]


def test_whoever_is_signed_in_is_the_actor(admin: Client) -> None:
    fields = {"sku": "A", "name": "A", "price": "1", "currency": "EUR", "status": "DRAFT", "reason": "new"}
    assert admin.post("/admin/catalog/product/verbs/create/", fields).status_code == 302
    assert Message.objects.get(name="ProductCreated").actor == "staff:root"
