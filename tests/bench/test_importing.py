"""The benchmark of imports does what it says: every row a product, and the second time nothing."""

import pytest
from django.conf import LazySettings

from catalog.products.models import Product
from config.bench import importing
from config.bench.results import Results
from config.bench.targets import import_minutes
from shop.messaging.models import Message


@pytest.mark.django_db(transaction=True)
def test_a_small_feed_is_imported_and_measured(settings: LazySettings, tmp_path: object) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    told: list[str] = []
    found = importing.measure(rows=300, tell=told.append)
    assert told == ["300 rows read and compared", "300 rows applied"]
    assert Product.objects.count() == Message.objects.filter(name="ProductCreated").count() == 300
    assert found.per_second > 0
    assert import_minutes(Results(imported=found)) is None
