"""What happens to a product is what a search finds, a moment later."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from config.demo.journeys.journey import Journey, Look
from config.demo.results import Seen
from config.demo.stage import Stage
from shop.contracts.products import UpdateProduct
from shop.messaging.bus import execute

PATIENCE: Final = 15.0
LETTERS: Final = str.maketrans("0123456789", "abcdefghij")


def found(stage: Stage, product: UUID, query: str) -> bool:
    """Whether the public finds this product by these words."""
    return str(product) in {result["productId"] for result in stage.door.search(query)["results"]}


def searchable(stage: Stage, product: UUID, query: str) -> bool:
    """Wait until it is found; whether it was."""
    return stage.until(lambda: found(stage, product, query), PATIENCE)


def a_products_life(stage: Stage) -> Look:
    """Made, misspelt by somebody, renamed, and taken from sale."""
    own = f"quill{stage.run.translate(LETTERS)}"
    product = stage.product(f"Paper lantern {own}", price=1_200, stock=1)
    facts = {"found": int(searchable(stage, product, f"lantern {own}"))}
    slip = f"{own[:3]}{own[4]}{own[3]}{own[5:]}"
    facts["found misspelt"] = int(found(stage, product, f"lantern {slip}"))
    # Its description too: one that enrichment has made of the former name would still find it, rightly.
    execute(UpdateProduct(product_id=product, name=f"Paper kite {own}", description="For windy days"))
    renamed = searchable(stage, product, f"kite {own}") and not found(stage, product, f"lantern {own}")
    facts["found under its new name only"] = int(renamed)
    execute(UpdateProduct(product_id=product, status="ARCHIVED"))
    gone = stage.until(lambda: not found(stage, product, f"kite {own}"), PATIENCE)
    facts["gone once archived"] = int(gone)
    return lambda: Seen(facts, 0)


JOURNEYS: Final = (
    Journey(
        name="a product is searched for while it changes",
        expected={"found": 1, "found misspelt": 1, "found under its new name only": 1, "gone once archived": 1},
        orders=0,
        play=a_products_life,
    ),
)
