"""Lists that people keep under a name: their own, changed by POST only, and never with anybody's e-mail address in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ordering.checkout.models import CheckoutSession
from shop.console.kept.keeping import MOST_KEPT
from shop.console.kept.models import KeptList
from tests.console.buttons import screen_of

pytestmark = pytest.mark.django_db

SCREEN = "ordering.checkoutsession"


def keep(client: Client, name: str = "My morning", query: str = "tab=paid&q=ORD-1&p=3", screen: str = SCREEN) -> Any:
    return client.post(reverse("admin:kept"), {"name": name, "query": query, "screen": screen})


def test_a_list_is_kept_found_again_renamed_and_dropped(admin: Client) -> None:
    there = screen_of(CheckoutSession).list_url()
    assert keep(admin).headers["Location"] == f"{there}?tab=paid&q=ORD-1"
    kept = KeptList.objects.get()
    assert "My morning</a>" in admin.get(there).content.decode()
    assert "My morning</a>" not in admin.get("/admin/ordering/order/").content.decode()
    assert admin.post(reverse("admin:kept_rename", args=[kept.pk]), {"name": " Every  morning "}).status_code == 302
    page = admin.get(reverse("admin:kept")).content.decode()
    assert f'href="{there}?tab=paid&amp;q=ORD-1">Every morning</a>' in page
    assert admin.post(reverse("admin:kept_drop", args=[kept.pk])).status_code == 302
    assert not KeptList.objects.exists()


def test_nobody_else_sees_or_changes_it(admin: Client, sign_in: Callable[..., Client]) -> None:
    keep(admin)
    kept, other = KeptList.objects.get(), sign_in("support")
    assert "My morning" not in other.get(screen_of(CheckoutSession).list_url()).content.decode()
    assert "My morning" not in other.get(reverse("admin:kept")).content.decode()
    assert other.post(reverse("admin:kept_rename", args=[kept.pk]), {"name": "Mine"}).status_code == 404
    other.post(reverse("admin:kept_drop", args=[kept.pk]))
    assert KeptList.objects.get().name == "My morning"
    assert keep(sign_in("warehouse")).status_code == 404, "not of a screen that one may not see"


def test_only_a_post_with_a_token_changes_anything(admin: Client) -> None:
    keep(admin)
    kept = KeptList.objects.get()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin.cookies
    for name in ("kept_rename", "kept_drop"):
        address = reverse(f"admin:{name}", args=[kept.pk])
        assert admin.get(address).status_code == 405
        assert strict.post(address, {"name": "x"}).status_code == 403
    assert keep(strict).status_code == 403
    assert KeptList.objects.get().name == "My morning"


@pytest.mark.parametrize(
    ("wrong", "status", "told"),
    [
        ({"name": " \x00 "}, 422, "Give it a name"),
        ({"name": "n" * 61}, 422, "under 60 characters"),
        ({"query": "q=ada%40example.com"}, 422, "would outlive its customer"),
        ({"query": f"q={'x' * 1001}"}, 422, "too much in this search"),
        ({"screen": "auth.user"}, 404, "There is no such list"),
        ({"screen": "\x00"}, 404, "There is no such list"),
        ({}, 409, "choose another name"),
    ],
)
def test_what_cannot_be_kept_is_told_and_what_was_typed_stays(
    admin: Client, wrong: dict[str, str], status: int, told: str
) -> None:
    keep(admin)
    answer = keep(admin, **wrong)
    assert answer.status_code == status
    page = answer.content.decode()
    assert told in page
    assert 'name="name" value="' in page
    assert KeptList.objects.count() == 1


def test_nobody_keeps_more_lists_than_he_can_read(admin: Client) -> None:
    keep(admin)
    mine = KeptList.objects.get().user_id
    KeptList.objects.bulk_create([KeptList(user_id=mine, screen=SCREEN, name=str(i)) for i in range(MOST_KEPT - 1)])
    assert keep(admin, "one more").status_code == 409
