"""The index follows the catalogue by mail, and repairs itself where mail is missing."""

from uuid import uuid4

import pytest
from django.utils import timezone

from catalog.search.invariants import BEHIND, search_violations
from catalog.search.models import SearchDocument
from config.switchboard import INDEXING
from shop.contracts.products import DeleteProduct, UpdateProduct
from shop.contracts.reviews import RatingUpdated
from shop.contracts.search import ReindexProducts
from shop.messaging.bus import execute, publish, unit_of_work
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.delivery.claim import claim
from shop.messaging.delivery.handling import handle
from shop.messaging.delivery.reading import read_all
from shop.messaging.models import Delivery, Message
from shop.messaging.operations import replay
from shop.messaging.outgoing import MARK_DONE
from shop.messaging.sets import fetch_rows, run
from tests.catalog.products import product
from tests.messaging.tools import run_threads
from tests.search.shelves import deliver, index, names, search, shelf

pytestmark = pytest.mark.django_db


def rate(product_id: object, average: float, reviews: int) -> None:
    with unit_of_work():
        publish(
            RatingUpdated(product_id=str(product_id), average_rating=average, review_count=reviews, updated_at=timezone.now())
        )


def test_a_product_is_found_a_moment_after_it_was_made() -> None:
    product(name="Brass lamp")
    assert names("lamp") == []
    index()
    assert names("lamp") == ["Brass lamp"]


def test_a_renamed_product_is_found_under_its_new_name_only() -> None:
    (made,) = shelf({"name": "Brass lamp", "description": "Warm light"})
    execute(UpdateProduct(product_id=made.product_id, name="Copper lantern"))
    index()
    assert names("brass") == []
    assert names("lantern") == names("warm") == ["Copper lantern"]


@pytest.mark.parametrize("how", ["ARCHIVED", "deleted"])
def test_what_is_no_longer_sold_is_no_longer_found(how: str) -> None:
    (made,) = shelf({"name": "Brass lamp"})
    if how == "deleted":
        execute(DeleteProduct(product_id=made.product_id))
    else:
        execute(UpdateProduct(product_id=made.product_id, status="ARCHIVED"))
    index()
    page = search("brass lamp")
    assert (page.total, page.results, page.facets.categories, page.facets.price_bands) == (0, [], [], [])


def test_a_rating_lifts_a_product_above_its_like() -> None:
    _, second = shelf({"name": "Lamp one"}, {"name": "Lamp two"})
    assert names("lamp") == ["Lamp one", "Lamp two"]
    rate(second.product_id, 4.5, 40)
    index()
    assert names("lamp") == ["Lamp two", "Lamp one"]
    assert names("lamp", sort="rating")[0] == "Lamp two"
    assert [(one.at_least, one.count) for one in search("lamp").facets.ratings] == [(4, 1), (3, 1), (2, 1), (1, 1)]


def test_an_older_rating_changes_nothing_and_one_of_no_product_neither() -> None:
    (made,) = shelf({"name": "Lamp"})
    rate(made.product_id, 5.0, 3)
    index()
    run("UPDATE catalog_searchdocument SET rated_at = now() + interval '1 hour'")
    rate(made.product_id, 1.0, 4)
    rate("no-product-at-all", 5.0, 1)
    rate(uuid4(), 5.0, 1)
    index()
    assert SearchDocument.objects.get().rating == 5.0
    assert not Delivery.objects.filter(status="dead").exists()


def test_messages_that_were_pruned_are_made_up_for_by_the_product_itself() -> None:
    made = product(name="Old name", description="Warm light")
    execute(UpdateProduct(product_id=made.product_id, price=5))
    Message.objects.all().delete()
    execute(UpdateProduct(product_id=made.product_id, name="New name"))
    index()
    assert names("warm") == ["New name"]
    assert SearchDocument.objects.get().sequence == 3


def test_a_replay_to_the_index_repairs_it_and_resurrects_nothing() -> None:
    kept, gone = shelf({"name": "Kept lamp"}, {"name": "Gone lamp"})
    execute(DeleteProduct(product_id=gone.product_id))
    index()
    run("DELETE FROM catalog_searchdocument WHERE product_id = %s", [kept.product_id])
    assert names("lamp") == []
    replay(INDEXING.name, list(Message.objects.order_by("id").values_list("id", flat=True)), reason="repair")
    index()
    assert names("lamp") == ["Kept lamp"]


def test_a_product_can_be_indexed_again() -> None:
    (made,) = shelf({"name": "Lamp"})
    run("UPDATE catalog_searchdocument SET name = 'Wrong', words = ''")
    execute(ReindexProducts(product_ids=[made.product_id, uuid4()]))
    assert names("lamp") == ["Lamp"]


def test_the_invariant_finds_what_the_index_lacks_and_what_it_should_not_show() -> None:
    first, second, third = shelf({"name": "First"}, {"name": "Second"}, {"name": "Third"})
    assert [*search_violations()] == []
    execute(UpdateProduct(product_id=first.product_id, name="Renamed"))
    assert [*search_violations()] == []  # mail is on its way
    Delivery.objects.all().delete()
    run("DELETE FROM catalog_searchdocument WHERE product_id = %s", [second.product_id])
    run("UPDATE catalog_product SET status = 'ARCHIVED' WHERE id = %s", [third.product_id])
    found = {(violation.rule, violation.subject) for violation in search_violations()}
    complete, nothing_else = "every active product is in the index as it is", "searching shows nothing that is not active"
    assert found == {
        (complete, str(first.product_id)),
        (complete, str(second.product_id)),
        (nothing_else, str(third.product_id)),
    }


def test_the_invariant_goes_through_the_mail_once_whatever_postgres_knows_of_it() -> None:
    plan = "\n".join(line for (line,) in fetch_rows(f"EXPLAIN {BEHIND}", {"who": INDEXING.name}))
    assert "hashed SubPlan" in plan


def test_one_products_poisoned_message_holds_up_that_product_only() -> None:
    bad, good = shelf({"name": "Bad lamp"}, {"name": "Good lamp"})
    execute(UpdateProduct(product_id=bad.product_id, name="Bad lantern"))
    Delivery.objects.filter(status="open").update(status="dead")
    execute(UpdateProduct(product_id=bad.product_id, price=7))
    execute(UpdateProduct(product_id=good.product_id, name="Good lantern"))
    while deliver_batch(INDEXING):
        pass
    assert names("lantern") == ["Good lantern"]
    Delivery.objects.filter(status="dead").update(status="open")
    deliver()
    assert sorted(names("lantern")) == ["Bad lantern", "Good lantern"]
    assert search("bad lantern").results[0].price == 7


@pytest.mark.django_db(transaction=True)
def test_two_drainers_at_once_keep_every_product_in_order() -> None:
    made = [product(name=f"Lamp {number}") for number in range(12)]
    for change in range(6):
        for one in made:
            execute(UpdateProduct(product_id=one.product_id, name=f"Lamp {change}", price=change))

    def drain_in_small_batches() -> None:
        while Delivery.objects.filter(status="open").exists():
            with unit_of_work() as unit:
                claimed = claim(INDEXING, 7)
                envelopes = read_all(INDEXING, claimed)
                if envelopes:
                    handle(INDEXING, envelopes, unit)
                run(MARK_DONE, [[each.delivery_id for each in claimed]])

    run_threads(2, drain_in_small_batches)
    assert set(SearchDocument.objects.values_list("sequence", "name", "price")) == {(7, "Lamp 5", 5)}
    assert SearchDocument.objects.count() == 12
