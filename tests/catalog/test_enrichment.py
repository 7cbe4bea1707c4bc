"""What the rules find in the texts of a product: always the same, with the reason, and never over what a person wrote."""

from __future__ import annotations

from unittest.mock import patch
from uuid import UUID

import pytest

from catalog.enrichment import enriching
from catalog.enrichment.rules import Texts, enrich
from catalog.products.models import Product, ProductEnrichment
from shop.contracts.products import EnrichProducts, GetProduct, UpdateProduct
from shop.messaging.bus import ask, execute
from shop.messaging.models import Message
from tests.catalog.feeds import deliver
from tests.catalog.products import product

KEY = UUID("0192f0c1-2f7a-7c3e-8f5d-0a1b2c3d4e5f")
ENRICH = "catalog.enrichment.enrich_products"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Stovetop kettle 1.7 l, graphite", {"volume": "1700 ml", "colour": "graphite"}),
        ("Wool throw 130 x 180 cm", {"dimensions": "1300 x 1800 mm", "material": "wool"}),
        ("Cast-iron skillet 26 cm", {"length": "260 mm", "material": "cast iron"}),
        ("Espresso cups, set of 2, oat", {"pieces": "2", "colour": "oat"}),
        ("House espresso, whole bean, 1 kg", {"weight": "1000 g"}),
        ("Oxford shirt, XL", {"size": "XL"}),
        ("Laptop sleeve 14 inch, rust", {"length": "355.6 mm", "colour": "rust"}),
        ("Greenhouse manual, volume 3", {}),
    ],
)
def test_names_say_what_a_product_is(name: str, found: dict[str, str]) -> None:
    enriched = enrich(Texts(KEY, name, "", "Things"))
    assert dict(enriched.attributes) == found
    assert {field for field, *_ in enriched.why} == {"slug", "keywords", *found}
    assert enrich(Texts(KEY, name, "", "Things")) == enriched


def test_slug_keywords_and_a_first_description() -> None:
    enriched = enrich(Texts(KEY, "Cup & Saucer, set of 4", "", "Tableware"))
    assert enriched.slug == "cup-saucer-set-of-4-0a1b2c3d4e5f"
    assert enriched.keywords == ["cup", "saucer", "tableware"]
    assert enriched.description == "Cup & Saucer, set of 4 in Tableware. Pieces 4."
    assert enrich(Texts(KEY, "杯", "", "")).slug == "0a1b2c3d4e5f"


@pytest.mark.django_db
def test_products_are_enriched_in_chunks_and_only_what_is_missing_is_filled() -> None:
    written = product(name="Mug, sage", description="Made by hand")
    plain = [product(name=f"Mug {number}, sage", category="Cups") for number in range(4)]
    execute(EnrichProducts(limit=2))
    deliver(ENRICH)
    assert not Product.objects.filter(enriched=False).exists()
    assert ask(GetProduct(product_id=written.product_id)).description == "Made by hand"
    shown = ask(GetProduct(product_id=plain[0].product_id))
    assert shown.description == "Mug 0, sage in Cups. Colour sage."
    assert (shown.keywords, shown.attributes[0].value) == (["mug", "sage", "cups"], "sage")
    said = Message.objects.filter(name="ProductUpdated")
    assert sorted(message.key for message in said) == sorted(str(each.product_id) for each in plain)


@pytest.mark.django_db
def test_a_change_of_texts_is_looked_at_again_and_one_of_price_is_not() -> None:
    made = product(name="Mug, sage", description="x")
    execute(EnrichProducts())
    execute(UpdateProduct(product_id=made.product_id, price=1))
    assert Product.objects.get().enriched
    execute(UpdateProduct(product_id=made.product_id, name="Mug, rust"))
    execute(EnrichProducts())
    assert ProductEnrichment.objects.get().attributes == [["colour", "rust"]]


@pytest.mark.django_db
def test_new_rules_look_at_everything_once_more() -> None:
    product(name="Mug, sage", description="x")
    execute(EnrichProducts())
    with patch.object(enriching, "VERSION", 2):
        execute(EnrichProducts())
        assert ProductEnrichment.objects.get().rules == 1
        execute(EnrichProducts(again=True))
    assert ProductEnrichment.objects.get().rules == 2
