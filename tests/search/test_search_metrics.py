import pytest

from catalog.search import rebuilding
from catalog.search.metrics import samples
from shop.contracts.search import RebuildSearch
from shop.messaging.bus import execute, unit_of_work
from shop.messaging.models import Delivery
from shop.messaging.sets import run
from tests.catalog.products import product
from tests.search.shelves import index, shelf

pytestmark = pytest.mark.django_db


def numbers() -> dict[str, float]:
    return {sample.name: sample.value for family in samples() for sample in family.samples}


def test_an_index_that_has_heard_everything_has_no_lag() -> None:
    assert numbers()["shop_search_lag_seconds"] == 0
    shelf({"name": "Lamp"})
    assert numbers()["shop_search_lag_seconds"] == 0


@pytest.mark.parametrize("status", ["open", "dead"])
def test_lag_is_the_age_of_the_oldest_message_it_has_not_heard(status: str) -> None:
    product()
    run("UPDATE messaging_delivery SET created_at = now() - interval '90 seconds' WHERE status = 'open'")
    Delivery.objects.filter(status="open").update(status=status)
    product()
    assert 90 <= numbers()["shop_search_lag_seconds"] < 100
    Delivery.objects.update(status="open")
    index()
    assert numbers()["shop_search_lag_seconds"] == 0


def test_a_rebuild_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "CHUNK", 1)
    shelf({"name": "Lamp one"}, {"name": "Lamp two"})
    assert "shop_search_rebuild_ratio" not in numbers()
    building = execute(RebuildSearch(reason="to see")).generation_id
    run("UPDATE catalog_searchgeneration SET expected = 4 WHERE id = %s", [building])
    with unit_of_work():
        rebuilding.fill(building)
    assert numbers()["shop_search_rebuild_ratio"] == 0.25
