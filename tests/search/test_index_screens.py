"""The index in the back office: who may look, what is explained, and what the verbs do."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from catalog.search.lag import SUBSCRIBER
from catalog.search.models import SearchDocument, SearchGeneration
from config.switchboard import INDEXING
from shop.contracts.products import UpdateProduct
from shop.messaging.bus import execute
from shop.messaging.models import Delivery, OperatorAction
from shop.messaging.sets import run
from tests.catalog.products import product
from tests.search.shelves import deliver, index, shelf

pytestmark = pytest.mark.django_db

DOCUMENTS, INDEXES = "/admin/catalog/searchdocument/", "/admin/catalog/searchgeneration/"


def somebody(client: Client, role: str) -> Client:
    user = User.objects.create_user(f"{role} person", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


@pytest.fixture
def merchandiser(client: Client) -> Client:
    return somebody(client, "merchandiser")


def post(client: Client, address: str, *rows: Any, **given: str) -> Any:
    seen = [f"{row.pk}:{row.version}" if hasattr(row, "version") else f"{row.pk}:" for row in rows]
    return client.post(address, {"seen": seen, "reason": "to see", **given})


def test_documents_are_listed_and_found_by_sku_and_id(merchandiser: Client) -> None:
    _, second = shelf({"name": "Brass lamp", "sku": "L-1"}, {"name": "Oak desk", "sku": "D-1", "status": "DRAFT"})
    page = merchandiser.get(DOCUMENTS).text
    assert "Brass lamp" in page
    assert "Oak desk" in page
    assert "Brass lamp" not in merchandiser.get(f"{DOCUMENTS}?tab=draft").text
    assert "Oak desk" not in merchandiser.get(f"{DOCUMENTS}?q=L-1").text
    assert "Oak desk" in merchandiser.get(f"{DOCUMENTS}?q={second.product_id}").text
    assert "Brass lamp" not in merchandiser.get(f"{DOCUMENTS}?q=nothing").text


def test_a_list_costs_as_many_statements_for_many_as_for_few(merchandiser: Client, django_assert_max_num_queries: Any) -> None:
    shelf(*({"name": f"Lamp {number}"} for number in range(30)))
    with django_assert_max_num_queries(12):
        merchandiser.get(DOCUMENTS)


def test_a_page_explains_why_a_product_ranks_where_it_does(merchandiser: Client) -> None:
    (made,) = shelf({"name": "Red lamp", "category": "Lighting"})
    address = f"{DOCUMENTS}{made.product_id}/change/"
    assert "Part of the score" not in merchandiser.get(address).text
    told = merchandiser.get(f"{address}?query=red+lighting").text
    assert "It matches with a score of" in told
    assert "1 of 2 words" in told
    assert "It does not match" in merchandiser.get(f"{address}?query=blue").text
    assert "no word in this query" in merchandiser.get(f"{address}?query=...").text
    execute(UpdateProduct(product_id=made.product_id, status="ARCHIVED"))
    index()
    assert "The public does not find it: it is archived" in merchandiser.get(f"{address}?query=red").text
    assert "<script>" not in merchandiser.get(f"{address}?query=<script>").text.replace("<script>&", "")


def test_a_product_is_indexed_again_with_a_reason(merchandiser: Client) -> None:
    (made,) = shelf({"name": "Lamp"})
    run("UPDATE catalog_searchdocument SET name = 'Wrong'")
    row = SearchDocument.objects.get()
    assert post(merchandiser, f"{DOCUMENTS}verbs/reindex/", row, reason="").status_code == 422
    assert post(merchandiser, f"{DOCUMENTS}verbs/reindex/", row).status_code == 302
    deliver()
    assert SearchDocument.objects.get(pk=made.product_id).name == "Lamp"
    action = OperatorAction.objects.get()
    assert (action.verb, action.target_id, action.reason) == ("searchdocument.reindex", str(made.product_id), "to see")


def test_an_index_is_rebuilt_with_a_reason_and_its_progress_is_shown(merchandiser: Client) -> None:
    shelf({"name": "Lamp"})
    assert post(merchandiser, f"{INDEXES}verbs/rebuild/").status_code == 302
    building = SearchGeneration.objects.get(status="BUILDING")
    assert (building.reason, building.started_by) == ("to see", "staff:merchandiser person")
    assert "<progress" in merchandiser.get(INDEXES).text
    assert "<progress" in merchandiser.get(f"{INDEXES}{building.pk}/change/").text
    again = post(merchandiser, f"{INDEXES}verbs/rebuild/")
    assert again.status_code == 409
    assert "being built already" in again.text
    deliver()
    assert SearchGeneration.objects.get(status="LIVE").pk == building.pk


def test_a_rebuild_is_given_up_but_not_the_index_that_answers(merchandiser: Client) -> None:
    shelf({"name": "Lamp"})
    post(merchandiser, f"{INDEXES}verbs/rebuild/")
    building, live = SearchGeneration.objects.get(status="BUILDING"), SearchGeneration.objects.get(status="LIVE")
    assert post(merchandiser, f"{INDEXES}verbs/abandon/", live).status_code == 409
    assert post(merchandiser, f"{INDEXES}verbs/abandon/", building).status_code == 302
    deliver("abandon_search_rebuild", "clear_search_generation")
    assert SearchGeneration.objects.get(pk=building.pk).status == "CLEARED"


@pytest.mark.parametrize("role", ["support", "warehouse", "finance", "moderator"])
def test_others_neither_look_nor_rebuild(client: Client, role: str) -> None:
    somebody(client, role)
    for address in (DOCUMENTS, INDEXES, f"{INDEXES}verbs/rebuild/"):
        assert client.get(address).status_code == 403
    assert post(client, f"{INDEXES}verbs/rebuild/").status_code == 403
    assert not SearchGeneration.objects.exists()


def test_looking_changes_nothing(merchandiser: Client) -> None:
    (made,) = shelf({"name": "Lamp"})
    before = list(SearchDocument.objects.values_list("version", flat=True))
    for address in (f"{INDEXES}verbs/rebuild/", f"{DOCUMENTS}verbs/reindex/?ids={made.product_id}"):
        assert merchandiser.get(address).status_code == 200
    assert not Delivery.objects.filter(status="open").exists()
    assert list(SearchDocument.objects.values_list("version", flat=True)) == before


def test_the_dashboard_says_when_searching_is_behind(merchandiser: Client) -> None:
    assert INDEXING.name == SUBSCRIBER
    product(name="Lamp")
    assert "1 messages wait" not in merchandiser.get("/admin/").text
    run("UPDATE messaging_delivery SET created_at = now() - interval '5 minutes' WHERE subscriber = %s", [SUBSCRIBER])
    page = merchandiser.get("/admin/").text
    assert "Search is behind" in page
    live = shelf({"name": "Another"})
    assert live
    assert "It has heard everything" in merchandiser.get(f"{INDEXES}{SearchGeneration.objects.get().pk}/change/").text
