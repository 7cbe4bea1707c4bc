"""The measurement of searching, on a catalogue small enough for a test."""

import pytest

from catalog.search.models import SearchDocument
from config.bench import search, targets
from config.bench.results import Results
from config.bench.targets import Outcome

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_kind_of_search_is_measured_with_its_plan_and_the_index_left_empty() -> None:
    told: list[str] = []
    searched = search.measure(400, told.append)
    assert told == ["400 of 400 documents written"]
    assert len(searched.took) == 12
    found = {each.name: each for each in searched.took}
    assert found["3 a common word"].total > 50
    assert found["12 nothing like it"].total == 0
    for each in searched.took:
        assert 0 < each.p50 <= each.p95
        assert each.plans
    assert not SearchDocument.objects.exists()


def test_only_a_million_products_are_judged() -> None:
    results = Results(search=search.Searched(400, []))
    (verdict,) = (each for each in targets.judge(results) if "search p95" in each.target.text)
    assert verdict.outcome == Outcome.NOT_MEASURED
