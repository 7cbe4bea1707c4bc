"""kill -9 while a batch is worked off: another worker goes on, and every row is acted on once."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.products.models import Product
from shop.console.batches.models import Batch, BatchRow
from shop.messaging.doorbell import listening
from shop.messaging.models import Message, OperatorAction
from tests.console.many import RUN, batch_of, drafts, fresh
from tests.faults.tools import Shop, forget_time, killed, open_mail, violations

ROWS = 60
DEED = "catalog.products.update_product"
# After a deed and before it is noted; with all of a second step noted and before it is committed.
PLACES = (f"execute.after_commit:{DEED}#5", f"deliver.before_commit:{RUN}#2")


def acted_on_once(batch: Batch, before: int) -> int:
    """How many rows are done, by every witness alike: counts, outcomes, deeds, audit rows, messages."""
    done = fresh(batch).done
    assert BatchRow.objects.filter(batch=batch, outcome="DONE").count() == done
    assert Product.objects.filter(status="ACTIVE").count() - before == done
    deeds = OperatorAction.objects.filter(verb="product.activate").values_list("target_id", flat=True)
    assert len(deeds) == len(set(deeds)) == done
    assert Message.objects.filter(name="ProductUpdated").count() == done
    return done


@pytest.mark.slow
def test_every_row_of_a_batch_is_acted_on_once(shop: Shop) -> None:
    before = Product.objects.filter(status="ACTIVE").count()
    drafts(ROWS)
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=None), backend="django.contrib.auth.backends.ModelBackend")
    with listening():
        batch = batch_of(client)
    done = []
    for place in PLACES:
        assert shop.work(crash_at=place) == killed(), f"{place} was never passed"
        (shop.folder / "crashed").unlink()
        forget_time()
        done.append(acted_on_once(batch, before))
    assert done[0] == 0 < done[1] < ROWS
    assert shop.work() == 0
    assert acted_on_once(batch, before) == ROWS
    assert str(fresh(batch).status) == "DONE"
    assert open_mail() == 0
    assert violations() == []
