"""A new index takes over while searching goes on and products change, and whoever dies on the way is made up for."""

import random
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import override_settings

from catalog.search import documents, rebuilding
from catalog.search.generations import live_generation
from catalog.search.models import SearchDocument, SearchGeneration, SearchWord
from shop.contracts.products import DeleteProduct, UpdateProduct
from shop.contracts.search import AbandonSearchRebuild, ClearSearchGeneration, GetSearchRebuild, RebuildSearch
from shop.messaging.bus import ask, execute, unit_of_work
from shop.messaging.errors import Missing, Refused
from shop.messaging.models import Delivery
from shop.messaging.sets import fetch_rows, run
from tests.catalog.products import product
from tests.messaging.tools import make_due
from tests.search.histories import what_it_says
from tests.search.shelves import deliver, index, names, shelf

pytestmark = pytest.mark.django_db

FILL = "fill_search_index"


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "CHUNK", 3)


def states() -> list[str]:
    return list(SearchGeneration.objects.order_by("id").values_list("status", flat=True))


def rebuild() -> None:
    execute(RebuildSearch(reason="to see"))
    deliver()


def half_filled() -> SearchGeneration:
    """A rebuild of which the first chunk is done."""
    execute(RebuildSearch(reason="to see"))
    with unit_of_work():
        assert rebuilding.fill(SearchGeneration.objects.get(status="BUILDING").pk).more
    return SearchGeneration.objects.get(status="BUILDING")


def test_a_rebuilt_index_says_what_the_former_one_said(small_chunks: None) -> None:
    shelf(*({"name": f"Lamp {letter}", "category": "Lighting"} for letter in "abcdefgh"))
    gone = product(name="Gone lamp")
    execute(DeleteProduct(product_id=gone.product_id))
    index()
    before, former = what_it_says(), live_generation()
    rebuild()
    assert live_generation().half != former.half
    assert what_it_says() == before
    assert states() == ["RETIRED", "LIVE"]
    assert ask(GetSearchRebuild()).filled == 9


def test_the_former_half_is_emptied_when_nobody_can_be_reading_it() -> None:
    shelf({"name": "Lamp"})
    former = live_generation()
    rebuild()
    assert len(what_it_says(former.half)) == 1
    make_due()
    deliver()
    assert states() == ["CLEARED", "LIVE"]
    assert what_it_says(former.half) == []
    assert set(SearchWord.objects.values_list("half", flat=True)) == {live_generation().half}
    execute(ClearSearchGeneration(generation_id=live_generation().id))  # a live one is never emptied
    assert names("lamp") == ["Lamp"]


@pytest.mark.parametrize("seed", range(3))
def test_products_change_while_an_index_is_being_built(small_chunks: None, seed: int) -> None:
    chance = random.Random(seed)
    made = [product(name=f"Lamp {number}") for number in range(20)]
    index()
    execute(RebuildSearch(reason="to see"))
    building = SearchGeneration.objects.get(status="BUILDING").pk
    while SearchGeneration.objects.get(pk=building).status == "BUILDING":
        for _ in range(chance.randint(0, 4)):
            one = chance.choice(made)
            execute(UpdateProduct(product_id=one.product_id, name=f"Lantern {chance.random()}", price=chance.randrange(9_999)))
        if chance.random() < 0.5:
            made.append(product(name="New lamp"))
        if chance.random() < 0.3:
            execute(DeleteProduct(product_id=made.pop(chance.randrange(len(made))).product_id))
        assert names("lamp") or names("lantern")  # it answers all the time
        for step in chance.sample([index, lambda: rebuilding.fill(building)], 2):
            step()
    index()
    rebuilt = what_it_says()
    rebuild_by_force()
    assert rebuilt == what_it_says()
    assert {row[0] for row in rebuilt if row[8] == "ACTIVE"} == {one.product_id for one in made}


def rebuild_by_force() -> None:
    """Another one, so that what was written by mail is compared with what is read from the catalogue."""
    make_due()
    deliver()
    run("UPDATE catalog_searchgeneration SET ended_at = now() - interval '1 hour'")
    rebuild()


def test_a_worker_that_dies_over_a_chunk_leaves_no_trace_and_the_next_goes_on(small_chunks: None, monkeypatch) -> None:
    shelf(*({"name": f"Lamp {letter}"} for letter in "abcdefgh"))
    building = half_filled()
    write = documents.write_documents

    def write_and_die(generation, some) -> None:
        write(generation, some)
        raise MemoryError

    monkeypatch.setattr(rebuilding, "write_documents", write_and_die)
    deliver(FILL)
    building = SearchGeneration.objects.get(pk=building.pk)
    assert (building.filled, len(what_it_says(building.half))) == (3, 3)
    monkeypatch.undo()
    make_due()
    deliver()
    assert len(what_it_says()) == 8
    assert live_generation().id == building.pk


def test_a_chunk_that_is_delivered_twice_counts_once(small_chunks: None) -> None:
    shelf(*({"name": f"Lamp {letter}"} for letter in "abcdefgh"))
    building = half_filled()
    deliver()
    assert rebuilding.fill(building.pk) == rebuilding.Filled()
    assert ask(GetSearchRebuild()).filled == 8


def test_two_at_once_are_refused_and_one_can_be_given_up(small_chunks: None) -> None:
    shelf(*({"name": f"Lamp {letter}"} for letter in "abcdefgh"))
    building = half_filled()
    with pytest.raises(Refused, match="being built already: 3 products"):
        execute(RebuildSearch(reason="again"))
    assert execute(AbandonSearchRebuild(generation_id=building.pk, reason="wrong day")).status == "ABANDONED"
    deliver()
    assert states() == ["LIVE", "CLEARED"]
    assert what_it_says(building.half) == []
    assert len(names("lamp")) == 8
    with pytest.raises(Refused, match="emptied"):
        execute(AbandonSearchRebuild(generation_id=building.pk, reason="again"))
    with pytest.raises(Missing):
        execute(AbandonSearchRebuild(generation_id=99_999, reason="again"))


def test_a_half_that_may_still_be_read_is_not_taken() -> None:
    shelf({"name": "Lamp"})
    rebuild()
    with pytest.raises(Refused, match="Try again"):
        execute(RebuildSearch(reason="at once"))
    run("UPDATE catalog_searchgeneration SET ended_at = now() - interval '1 hour' WHERE status = 'RETIRED'")
    execute(RebuildSearch(reason="later"))
    assert states() == ["CLEARED", "LIVE", "BUILDING"]


def test_a_new_way_of_stemming_counts_from_the_rebuild_on() -> None:
    shelf({"name": "Rote Lampen"})
    with override_settings(SEARCH_TEXT_CONFIG="german"):
        assert names("lampe x") == []
        rebuild()
        assert names("roter lampe") == ["Rote Lampen"]


def test_an_index_that_lacks_products_is_complete_after_a_rebuild() -> None:
    shelf({"name": "Lamp one"}, {"name": "Lamp two"})
    run("TRUNCATE catalog_searchdocument")
    rebuild()
    assert sorted(names("lamp")) == ["Lamp one", "Lamp two"]


def test_ratings_outlive_a_rebuild() -> None:
    shelf({"name": "Lamp"})
    run("UPDATE catalog_searchdocument SET rating = 4.5, reviews = 7, rated_at = now()")
    rebuild()
    assert SearchDocument.objects.values_list("rating", "reviews").get() == (4.5, 7)


@pytest.mark.django_db(transaction=True)
def test_the_command_rebuilds_and_says_so(small_chunks: None) -> None:
    shelf(*({"name": f"Lamp {letter}"} for letter in "abcdefgh"))
    Delivery.objects.all().delete()
    out = StringIO()
    call_command("rebuild_search", "--reason", "new stems", stdout=out)
    assert "answers: 8 products" in out.getvalue()
    assert SearchGeneration.objects.get(status="LIVE").reason == "new stems"


@pytest.mark.django_db(transaction=True)
def test_the_command_goes_along_with_a_rebuild_that_is_running(small_chunks: None) -> None:
    shelf(*({"name": f"Lamp {letter}"} for letter in "abcdefgh"))
    running = half_filled()
    out = StringIO()
    call_command("rebuild_search", "--no-wait", stdout=out)
    assert f"Index {running.pk} is being built" in out.getvalue()
    call_command("rebuild_search", stdout=out)
    assert live_generation().id == running.pk


def test_only_one_index_answers_whatever_is_tried() -> None:
    shelf({"name": "Lamp"})
    rebuild()
    assert fetch_rows("SELECT count(*) FROM catalog_searchgeneration WHERE status = 'LIVE'") == [(1,)]
