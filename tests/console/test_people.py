"""What operators do to customers and promotions: asked twice where it is final, written down, refused when stale."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from shop.contracts.personal_data import EraseCustomer
from shop.customers.models import CustomerProfile, Erasure, SegmentMember
from shop.messaging.bus import execute
from shop.messaging.models import OperatorAction
from shop.promotions.models import Promotion, PromotionUse
from tests.carts.carts import customer, with_address
from tests.console.buttons import counts, send
from tests.promotions.promotions import draft, hold, promotion

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> CustomerProfile:
    return CustomerProfile.objects.get(pk=customer())


def last_action() -> OperatorAction:
    return OperatorAction.objects.latest("id")


def page_of(client: Client, screen: str, key: object) -> str:
    page: str = client.get(reverse(f"admin:{screen}_change", args=[key])).content.decode()
    return page


@pytest.mark.parametrize("verb", ["close", "erase"])
def test_what_is_final_is_asked_twice(admin: Client, ada: CustomerProfile, verb: str) -> None:
    before = counts()
    refused = send(admin, CustomerProfile, verb, [ada], confirm="somebody@else.com")
    assert refused.status_code == 409
    assert "Nothing was done" in refused.content.decode()
    assert send(admin, CustomerProfile, verb, [ada]).status_code == 422
    assert counts() == before
    assert send(admin, CustomerProfile, verb, [ada], confirm=ada.email.upper()).status_code == 302
    action = last_action() if verb == "close" else OperatorAction.objects.get(verb="erase")
    assert (action.actor, action.reason, action.target_id) == ("staff:root", "because", str(ada.pk))
    assert CustomerProfile.objects.filter(pk=ada.pk, status="CLOSED").exists() == (verb == "close")
    assert Erasure.objects.filter(pk=ada.pk).exists() == (verb == "erase")


def test_an_erased_customer_is_a_row_of_erasures(admin: Client, ada: CustomerProfile) -> None:
    answer = send(admin, CustomerProfile, "erase", [ada], confirm=ada.email)
    assert answer.headers["Location"] == reverse("admin:shop_customerprofile_changelist")
    assert str(ada.pk) in admin.get(reverse("admin:shop_erasure_changelist")).content.decode()
    page = page_of(admin, "shop_erasure", ada.pk)
    assert "being redacted" in page
    assert ada.email not in page


def test_a_legal_hold_is_shown_and_keeps_a_customer(admin: Client, ada: CustomerProfile) -> None:
    assert send(admin, CustomerProfile, "legalhold", [ada]).status_code == 302
    assert "must not be erased" in page_of(admin, "shop_customerprofile", ada.pk)
    assert send(admin, CustomerProfile, "erase", [ada], confirm=ada.email).status_code == 409
    assert send(admin, CustomerProfile, "lifthold", [ada]).status_code == 302
    assert (last_action().before, last_action().after) == ({"legal hold": True}, {"legal hold": False})


def test_a_suspension_keeps_its_reason(admin: Client, ada: CustomerProfile) -> None:
    send(admin, CustomerProfile, "suspend", [ada], reason="three chargebacks")
    assert "three chargebacks" in page_of(admin, "shop_customerprofile", ada.pk)
    action = last_action()
    assert (action.verb, action.reason, action.before, action.after) == (
        "suspend", "three chargebacks", {"status": "ACTIVE"}, {"status": "SUSPENDED"},
    )  # fmt: skip


def test_customers_are_put_into_a_segment_in_bulk_and_found_by_it(admin: Client, ada: CustomerProfile) -> None:
    bob = CustomerProfile.objects.get(pk=customer())
    customer()
    assert send(admin, CustomerProfile, "assign", [ada, bob], segment="VIP").status_code == 200
    assert SegmentMember.objects.filter(segment="VIP").count() == 2
    assert OperatorAction.objects.filter(verb="customerprofile.assign").count() == 2
    found = admin.get(reverse("admin:shop_customerprofile_changelist"), {"q": "VIP"})
    assert {row.pk for row in found.context["cl"].result_list} == {ada.pk, bob.pk}
    assert send(admin, CustomerProfile, "assign", [ada], segment="no name").status_code == 422
    assert send(admin, CustomerProfile, "assign", [ada], segment="NEW").status_code == 409
    send(admin, CustomerProfile, "unassign", [ada], segment="VIP")
    assert list(SegmentMember.objects.values_list("customer_id", flat=True)) == [bob.pk]


def test_an_export_is_written_down_before_there_is_a_file(admin: Client, ada: CustomerProfile) -> None:
    with_address(ada.pk, "7 Export Street")
    address = reverse("admin:shop_customerprofile_personal_data", args=[ada.pk])
    assert admin.get(address).status_code == 404
    send(admin, CustomerProfile, "export", [ada], reason="asked for it in writing")
    assert address in page_of(admin, "shop_customerprofile", ada.pk)
    file = admin.get(address)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(file.content)["addresses"][0]["line1"] == "7 Export Street"
    assert (last_action().verb, last_action().reason) == ("customerprofile.export", "asked for it in writing")


def test_the_file_is_for_whoever_wrote_it_down(admin: Client, sign_in: Callable[..., Client], ada: CustomerProfile) -> None:
    send(admin, CustomerProfile, "export", [ada])
    address = reverse("admin:shop_customerprofile_personal_data", args=[ada.pk])
    assert sign_in("support").get(address).status_code == 404
    assert sign_in("finance").get(address).status_code == 403
    execute(EraseCustomer(customer_id=ada.pk, reason="asked for it"))
    assert admin.get(address).status_code == 404


def test_support_cares_for_customers_and_erases_nobody(sign_in: Callable[..., Client], ada: CustomerProfile) -> None:
    support = sign_in("support")
    assert send(support, CustomerProfile, "logout", [ada]).status_code == 302
    for verb in ("close", "erase", "legalhold"):
        path = reverse("admin:shop_customerprofile_verb", args=[verb])
        assert support.post(path, {"seen": [str(ada.pk)], "reason": "x", "confirm": ada.email}).status_code == 403
    assert CustomerProfile.objects.get(pk=ada.pk).status == "ACTIVE"


FORM = {"name": "Other", "kind": "PERCENTAGE", "value": "12.5", "priority": "7", "returns_when_cancelled": "on"}


def test_a_draft_is_edited_with_what_it_says_in_the_form(admin: Client) -> None:
    made = draft(code="ONE", total_limit=5, minimum_spend=1050, currency="EUR", category="lamps")
    row = Promotion.objects.get(pk=made.promotion_id)
    form = admin.get(reverse("admin:shop_promotion_verb", args=["edit"]), {"ids": str(row.pk)}).context["form"]
    assert (form.initial["value"], form.initial["minimum_spend"]) == ("10.00", "10.50")
    assert send(admin, Promotion, "edit", [row], **FORM, code="TWO").status_code == 302
    row = Promotion.objects.get(pk=row.pk)
    assert (row.name, row.value, row.code, row.category, row.total_limit, row.minimum_spend) == (
        "Other",
        1250,
        "TWO",
        "",
        None,
        0,
    )
    assert (row.priority, row.returns_when_cancelled, row.stackable) == (7, True, False)
    assert last_action().verb == "edit"


def test_what_is_fixed_says_so_in_the_dialog(admin: Client) -> None:
    row = Promotion.objects.get(pk=promotion(code="ONE").promotion_id)
    answer = send(admin, Promotion, "edit", [row], **FORM, code="ONE")
    assert answer.status_code == 409
    assert "Clone it and end this one" in answer.content.decode()
    assert send(admin, Promotion, "edit", [row], **{**FORM, "customer_segment": "no name"}).status_code == 422


def test_a_promotion_is_paused_resumed_and_cloned(admin: Client) -> None:
    row = Promotion.objects.get(pk=promotion(code="ONE").promotion_id)
    send(admin, Promotion, "pause", [row])
    row = Promotion.objects.get(pk=row.pk)
    assert row.paused
    assert "Paused" in admin.get(reverse("admin:shop_promotion_changelist")).content.decode()
    assert send(admin, Promotion, "pause", [row]).status_code == 409
    send(admin, Promotion, "resume", [row])
    assert send(admin, Promotion, "clone", [row], name="Copy", code="").status_code == 302
    copy = Promotion.objects.get(name="Copy")
    assert (copy.status, copy.code, copy.value) == ("DRAFT", "", row.value)
    stale = admin.post(reverse("admin:shop_promotion_verb", args=["end"]), {"seen": [f"{row.pk}:1"], "reason": "because"})
    assert stale.status_code == 409


def test_uses_say_who_when_and_in_which_order(admin: Client) -> None:
    promotion(code="ONE", currency="EUR", minimum_spend=1)
    promotion(name="All")
    for buyer in [customer() for _ in range(3)]:
        hold(promotion_code="ONE", customer_id=buyer)
    hold(customer_id=customer(), currency="EUR")
    assert set(PromotionUse.objects.values_list("currency", flat=True)) == {"EUR"}
    address = reverse("admin:shop_promotionuse_changelist")
    assert "minor units" not in admin.get(address).content.decode()
    page = admin.get(address, {"q": "one"})
    assert len(page.context["cl"].result_list) in (0, 3)
    use = PromotionUse.objects.first()
    assert use is not None
    for term in (str(use.customer_id), str(use.checkout_session_id), str(use.promotion_id), str(use.pk)):
        assert use.pk in {row.pk for row in admin.get(address, {"q": term}).context["cl"].result_list}
    assert str(UUID(str(use.checkout_session_id))) in page_of(admin, "shop_promotionuse", use.pk)


def test_promotions_are_found_by_the_beginning_of_their_code(admin: Client) -> None:
    for code in ("SPRING10", "SPRING20", "AUTUMN"):
        draft(code=code)
    found = admin.get(reverse("admin:shop_promotion_changelist"), {"q": "spring"}).context["cl"].result_list
    assert {row.code for row in found} == {"SPRING10", "SPRING20"}
