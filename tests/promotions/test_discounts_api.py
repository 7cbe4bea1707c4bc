from uuid import uuid4

import pytest

from shop.promotions.models import PromotionUse
from tests.http.calls import bearer, log_in, post, register
from tests.promotions.promotions import promotion

pytestmark = pytest.mark.django_db


def asked(**given):
    return {"cartId": str(uuid4()), "subtotal": 1000, "currency": "EUR"} | given


def test_anybody_may_ask_what_a_cart_would_be_let_off(client):
    promotion(code="SAVE10")
    answer = post(client, "/discounts/calculate", asked(promotionCode="SAVE10"))
    assert (answer.status_code, answer.json()) == (200, {"discount": 100, "appliedPromotions": ["SAVE10"]})
    assert not PromotionUse.objects.exists()


def test_a_code_in_vain_says_why(client):
    answer = post(client, "/discounts/calculate", asked(promotionCode="NONSENSE"))
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "code": "promotion_not_applicable",
            "message": "This promotion code does not exist.",
            "data": {"reason": "UNKNOWN"},
        },
    )


def test_only_in_ones_own_name(client):
    number = register(client)["customerId"]
    session = bearer(log_in(client))
    assert post(client, "/discounts/calculate", asked(customerId=number), **session).status_code == 200
    assert post(client, "/discounts/calculate", asked(customerId=number)).status_code == 404
    assert post(client, "/discounts/calculate", asked(customerId=str(uuid4())), **session).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"subtotal": -1},
        {"subtotal": 2**70},
        {"subtotal": 1.5},
        {"currency": "€"},
        {"promotionCode": "x" * 5000},
        {"items": {}},
        {"items": [{"productId": str(uuid4()), "quantity": 0, "unitPrice": 1000}]},
        {"items": [{"productId": str(uuid4()), "quantity": 1, "unitPrice": 999}]},
    ],
)
def test_bad_questions_are_refused(client, wrong):
    answer = post(client, "/discounts/calculate", asked(**wrong))
    assert answer.status_code == 400
    assert answer.json()["code"] in {"invalid", "invalid_cart"}
