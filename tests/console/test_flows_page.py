"""The page of flows: the design of a command beside what happened for one order."""

from uuid import uuid4

import pytest
from django.test import Client

from shop.messaging.models import Message
from tests.console.shop import Shop

pytestmark = pytest.mark.django_db

PAGE = "/admin/flows/"


def shown(admin: Client, **query: str) -> str:
    """The page as text."""
    answer = admin.get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_order_is_drawn_beside_its_design(admin: Client, shop: Shop) -> None:
    order = shop.session("paid").order_id

    page = shown(admin, about=str(order))

    assert "The design: CheckoutCart" in page
    assert "What happened" in page
    assert "command, happened" in page
    assert "event, did not happen" in page
    assert "Every one of them followed from what the design says." in page
    assert "ordering.checkout.saga" in page
    recorded = Message.objects.get(name="OrderCreated", key=str(order))
    assert f"/admin/messaging/message/{recorded.pk}/change/" in page


def test_a_message_that_the_design_does_not_foresee_stands_out(admin: Client, shop: Shop) -> None:
    order = shop.session("paid").order_id
    cause = Message.objects.get(name="OrderCreated", key=str(order))
    chain = {"correlation_id": cause.correlation_id, "causation_id": cause.id}
    Message.objects.create(id=uuid4(), kind="event", name="CartAbandoned", version="1.0.0", payload={}, **chain)

    page = shown(admin, about=str(order))

    assert "CartAbandoned@1.0.0 followed OrderCreated@1.0.0" in page
    assert "event, not foreseen" in page


def test_a_flow_can_be_looked_at_by_itself(admin: Client, db: None) -> None:
    page = shown(admin, start="ReserveInventory")

    assert "The design: ReserveInventory" in page
    assert "POST /reservations" in page
    assert "happened" not in page.split("flow-design")[-1]


@pytest.mark.parametrize("query", [{}, {"about": "x"}, {"about": "\x00"}, {"start": "Nothing"}, {"about": str(uuid4())}])
def test_senseless_questions_are_answered(admin: Client, query: dict[str, str]) -> None:
    assert "What happened" not in shown(admin, **query)


def test_it_costs_the_same_however_much_is_in_the_mailbox(admin: Client, shop: Shop, django_assert_max_num_queries) -> None:
    order = str(shop.session("paid").order_id)
    shown(admin, about=order)
    with django_assert_max_num_queries(14):
        shown(admin, about=order)


def test_it_is_for_those_who_may_see_messages(client: Client, shop: Shop, django_user_model) -> None:
    nobody = django_user_model.objects.create_user("nobody", is_staff=True)
    client.force_login(nobody)

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE).status_code in {403, 405}
