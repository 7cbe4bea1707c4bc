"""Many rows at once: products enough for a batch, and the batch worked off as workers do."""

from __future__ import annotations

from typing import Any

from django.test import Client
from uuid_utils.compat import uuid7

from catalog.products.models import Product
from shop.console.batches.models import Batch
from tests.catalog.feeds import deliver
from tests.console.buttons import screen_of

RUN = "shop.console.batches.run_batch"


def drafts(count: int, name: str = "Lamp", **given: Any) -> list[Product]:
    """So many products that nobody sees yet."""
    facts = {"price": 100, "currency": "EUR", "status": "DRAFT"} | given
    return Product.objects.bulk_create(
        [Product(id=uuid7(), sku=f"{name}-{uuid7()}", name=f"{name} {n}", **facts) for n in range(count)]
    )


def confirm(client: Client, model: Any, named: str, *, look: dict[str, str], **given: Any) -> Any:
    """Look at what was chosen and confirm it; the answer to the form."""
    screen = screen_of(model)
    verb = screen.verb_named(named)
    assert verb is not None
    page = client.get(screen.verb_url(verb, **look))
    assert page.status_code == 200, page
    return client.post(screen.verb_url(verb), {**carried(page), "reason": "because", **given})


def carried(page: Any) -> dict[str, Any]:
    """What the form sends besides what is typed."""
    shown: dict[str, Any] = {"shown": str(page.context["total"])}
    for name, value in page.context["batch"]["carried"]:
        shown.setdefault(name, []).append(value)
    return shown


def batch_of(client: Client, named: str = "activate", query: str = "tab=draft", **given: Any) -> Batch:
    """A batch over a list of products, just confirmed."""
    answer = confirm(client, Product, named, look={"matching": query}, **given)
    assert answer.status_code == 302, answer.status_code
    return Batch.objects.latest("id")


def work_off(batch: Batch, *, steps: int = 1_000) -> Batch:
    """Deliver at most so many of its steps."""
    deliver(RUN, most=steps)
    return fresh(batch)


def fresh(batch: Batch) -> Batch:
    """As it is now."""
    return Batch.objects.get(pk=batch.pk)
