"""OpenSearch in place of Postgres: the same answers, told in any order as often as it takes, and Postgres while it is away."""

import random
from collections.abc import Iterator

import pytest
from django.test import override_settings

from catalog.search.gateways.opensearch import EngineUnavailable, OpenSearch, Versioned, index_body
from catalog.search.generations import live_generation
from catalog.search.models import SearchDocument, SearchGeneration
from shop.contracts.products import DeleteProduct, UpdateProduct
from shop.contracts.search import RebuildSearch, SearchFilters
from shop.messaging.bus import execute
from shop.messaging.models import Delivery
from tests.catalog.products import product
from tests.messaging.tools import make_due
from tests.search.shelves import deliver, names, search
from tests.search.standin import Cluster, running

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = SearchFilters()


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Cluster]]:
    with running() as started:
        yield started


@pytest.fixture
def cluster(server: tuple[str, Cluster]) -> Iterator[Cluster]:
    url, cluster = server
    cluster.indexes.clear()
    cluster.requests.clear()
    cluster.fail_with = 0
    with override_settings(
        SEARCH_ENGINE="opensearch", OPENSEARCH_URL=url, OPENSEARCH_TIMEOUT_SECONDS=2.0, SEARCH_LEAVE_SECONDS=0
    ):
        execute(RebuildSearch(reason="another engine"))
        catch_up()
        cluster.requests.clear()
        yield cluster


def catch_up() -> None:
    """Whatever waits for a while is delivered, too."""
    for _ in range(4):
        make_due()
        deliver()


def asked(cluster: Cluster, path: str) -> int:
    return sum(path in one for _, one in cluster.requests)


def stored(cluster: Cluster) -> dict[str, dict]:
    return {key: source for key, (_, source) in cluster.indexes[f"products-{live_generation().id}"].documents.items()}


def shelf() -> list:
    made = [
        product(name="Wireless headphones", sku="HP-100", category="Audio", price=9_900),
        product(name="Headphone stand", sku="ST-7", category="Audio", price=2_400),
        product(name="Red cotton shirt", sku="SH-1", category="Clothing", price=1_900),
        product(name="Secret shirt", sku="SH-2", category="Clothing", price=1_900, status="DRAFT"),
    ]
    deliver()
    return made


def test_it_finds_what_postgres_finds(cluster: Cluster) -> None:
    shelf()
    questions = [
        ("headphones", {}), ("headph", {}), ("shirt", {}), ("hp-100", {}), ("audio", {"max_price": 5_000}),
        ("audio", {"min_price": 2_400, "max_price": 9_900}), ("shirt", {"category": "Clothing"}),
        ("shirt", {"category": "Audio"}), ("secret", {}), ("secret", {"status": "DRAFT"}), ("nothing like it", {}),
    ]  # fmt: skip
    for query, filters in questions:
        page = search(query, **filters)
        with override_settings(SEARCH_ENGINE="postgres"):
            same = search(query, **filters)
        assert {each.name for each in page.results} == {each.name for each in same.results}, query
        assert (page.total, page.total_is_exact, page.facets) == (same.total, same.total_is_exact, same.facets), query
    assert asked(cluster, "_search") >= len(questions)
    assert names("audio", sort="price_asc") == ["Headphone stand", "Wireless headphones"]
    assert names("audio", sort="price_desc", page=2, page_size=1) == ["Headphone stand"]


def test_what_was_probably_meant_is_asked_in_a_second_request(cluster: Cluster) -> None:
    shelf()
    page = search("hedphones")
    assert page.did_you_mean == "headphone"
    assert {each.name for each in page.results} == {"Wireless headphones", "Headphone stand"}


def test_it_follows_the_catalogue(cluster: Cluster) -> None:
    first, second, *_ = shelf()
    execute(UpdateProduct(product_id=first.product_id, name="Renamed lamp"))
    execute(DeleteProduct(product_id=second.product_id))
    deliver()
    assert names("lamp") == ["Renamed lamp"]
    assert names("headphones") == []


@pytest.mark.parametrize("seed", range(2))
def test_the_newest_version_stays_whatever_comes_last(cluster: Cluster, seed: int, server) -> None:
    chance = random.Random(seed)
    engine = OpenSearch(server[0], "products", 2.0)
    cluster.indexes.clear()
    engine.create(1)
    document = {"sku": "", "description": "", "category": "", "price": 0, "currency": "EUR", "status": "ACTIVE"}
    told = [
        Versioned(str(key), version, document | {"productId": str(key), "name": f"{key} {version}", "rating": 0, "reviews": 0})
        for key in range(8)
        for version in range(1, 9)
    ]
    told += chance.choices(told, k=30)
    chance.shuffle(told)
    while told:
        batch, told = told[:9], told[9:]
        engine.put(1, batch)
        engine.put(1, batch[-1:])
    newest = {key: version for key, (version, _) in cluster.indexes["products-1"].documents.items()}
    assert set(newest.values()) == {8}


def test_while_it_is_away_postgres_answers_and_nothing_is_lost(cluster: Cluster) -> None:
    shelf()
    cluster.fail_with = 503
    product(name="New lamp")
    deliver()
    assert names("lamp") == ["New lamp"]
    assert not Delivery.objects.filter(status="dead").exists()
    cluster.fail_with = 0
    assert names("lamp") == []
    make_due()
    deliver()
    assert names("lamp") == ["New lamp"]


def test_a_rebuild_switches_when_the_engine_has_heard_everything(cluster: Cluster) -> None:
    shelf()
    former = live_generation().id
    execute(RebuildSearch(reason="to see"))
    cluster.fail_with = 429
    deliver()
    assert live_generation().id == former
    assert SearchGeneration.objects.get(status="BUILDING").filled == 4
    cluster.fail_with = 0
    catch_up()
    assert live_generation().id != former
    assert len(stored(cluster)) == SearchDocument.objects.count() == 4
    assert list(cluster.indexes) == [f"products-{live_generation().id}"]
    assert names("shirt") == ["Red cotton shirt"]


def test_what_it_refuses_is_told(cluster: Cluster, server) -> None:
    engine = OpenSearch(server[0], "products", 2.0)
    cluster.indexes.clear()
    engine.create(1)
    engine.create(1)
    with pytest.raises(EngineUnavailable, match="strict_dynamic_mapping_exception"):
        engine.put(1, [Versioned("a", 1, {"surprise": 1})])
    with pytest.raises(EngineUnavailable, match="404 index_not_found_exception"):
        engine.find(99, "lamp", NOTHING, "relevance", limit=1, offset=0)
    with pytest.raises(EngineUnavailable, match="ConnectError"):
        OpenSearch("http://127.0.0.1:1", "products", 0.5).create(1)
    engine.refresh(1)
    engine.drop(1)
    engine.drop(1)
    assert cluster.indexes == {}


@pytest.mark.parametrize(
    ("language", "filters"), [("german", ["lowercase", "asciifolding", "stems"]), ("simple", ["lowercase", "asciifolding"])]
)
def test_its_index_stems_as_the_setting_says(language: str, filters: list[str]) -> None:
    analysis = index_body(language)["settings"]["analysis"]
    assert analysis["analyzer"]["words"]["filter"] == filters
    assert analysis.get("filter", {}) == ({"stems": {"type": "stemmer", "language": language}} if "stems" in filters else {})


def test_an_index_that_answered_without_the_engine_is_asked_of_postgres_until_a_rebuild(cluster: Cluster) -> None:
    shelf()
    cluster.indexes.clear()
    product(name="New lamp")
    deliver()
    assert cluster.indexes == {}
    assert names("headphones") == ["Wireless headphones", "Headphone stand"]
    execute(RebuildSearch(reason="the engine has lost everything"))
    catch_up()
    assert len(stored(cluster)) == 5
    assert names("lamp") == ["New lamp"]


def test_nobody_is_told_anything_where_postgres_is_the_engine(cluster: Cluster) -> None:
    with override_settings(SEARCH_ENGINE="postgres"):
        shelf()
        assert names("shirt") == ["Red cotton shirt"]
    assert cluster.requests == []
