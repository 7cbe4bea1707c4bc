"""An index made from the same messages says the same, in whatever order they come between products, however often, and however
often the worker dies."""

import random

import pytest
from uuid_utils.compat import uuid7

from catalog.search.models import SearchDocument
from shop.messaging.outgoing import unit_of_work
from shop.messaging.sets import fetch_rows, run
from tests.search.histories import hear, history, in_batches, shuffled_together, what_it_says

pytestmark = pytest.mark.django_db

PRODUCTS = 60


def forget_everything() -> None:
    run("TRUNCATE catalog_searchdocument, catalog_searchgeneration, catalog_searchword")


@pytest.mark.parametrize("seed", range(4))
def test_an_index_from_the_same_messages_says_the_same(seed: int) -> None:
    chance = random.Random(seed)
    histories = [history(chance, uuid7(), chance.randint(1, 12)) for _ in range(PRODUCTS)]
    for one in histories:
        hear(one)
    live = what_it_says()
    assert len(live) == PRODUCTS
    forget_everything()

    for batch in in_batches(chance, shuffled_together(chance, histories)):
        if chance.random() < 0.3:
            hear(batch, and_die=True)
        hear(batch)
        if chance.random() < 0.3:
            hear(batch)
    for one in chance.sample(histories, 20):
        hear(one)  # a replay of all that was ever said about a product

    assert what_it_says() == live


@pytest.mark.parametrize("seed", range(2))
def test_what_a_worker_wrote_before_it_died_is_as_if_it_never_was(seed: int) -> None:
    chance = random.Random(seed)
    histories = [history(chance, uuid7(), 6) for _ in range(10)]
    hear(shuffled_together(chance, [one[:3] for one in histories]))
    before = what_it_says()
    hear(shuffled_together(chance, histories), and_die=True)
    assert what_it_says() == before


def test_a_message_twice_writes_nothing_the_second_time() -> None:
    mail = history(random.Random(1), uuid7(), 5)
    hear(mail)
    versions = list(SearchDocument.objects.values_list("version", flat=True))
    hear(mail)
    assert list(SearchDocument.objects.values_list("version", flat=True)) == versions


@pytest.mark.parametrize("many", [5, 200])
def test_a_big_batch_costs_as_many_statements_as_a_small_one(many: int, django_assert_num_queries) -> None:
    chance = random.Random(3)
    hear(history(chance, uuid7(), 1))
    mail = [said for _ in range(many) for said in history(chance, uuid7(), 2)]
    with unit_of_work(), django_assert_num_queries(5):
        from catalog.search.indexing import index  # noqa: PLC0415 — the count begins inside the transaction

        index(mail)
    assert fetch_rows("SELECT count(*) FROM catalog_searchdocument")[0][0] == many + 1
