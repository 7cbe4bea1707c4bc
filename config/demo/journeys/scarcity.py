"""More wishes than there is to give."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from config.demo.journeys.buying import discounted
from config.demo.journeys.journey import Journey, Look
from config.demo.results import Facts
from config.demo.stage import Stage
from shop.contracts.fulfilment.inventory import GetStockLevel
from shop.contracts.promotions import ActivatePromotion, CreatePromotion
from shop.messaging.bus import ask, execute

BUYERS: Final = 300
UNITS: Final = 50
TAKERS: Final = 200
USES: Final = 20
LEFT: Final = 3


def in_stock(product: UUID) -> int:
    """How many of it can be promised to the next customer."""
    available: int = ask(GetStockLevel(product_id=product)).available
    return available


def out_of_stock(stage: Stage) -> Look:
    """Three are left, everybody wants five."""
    product = stage.product("Hand-thrown vase", price=6_411, stock=LEFT)
    posted = stage.check_out(stage.baskets(stage.some(10), lambda: [(product, 5)]))

    def more() -> Facts:
        return {"left in stock": in_stock(product)}

    return lambda: stage.observe(posted, more)


def too_many_buyers(stage: Stage) -> Look:
    """Three hundred customers want one each of fifty."""
    product = stage.product("Turntable, numbered edition", price=34_903, stock=UNITS)
    posted = stage.check_out(stage.baskets(stage.some(BUYERS), lambda: [(product, 1)]))

    def more() -> Facts:
        return {"left in stock": in_stock(product)}

    return lambda: stage.observe(posted, more)


def too_many_takers(stage: Stage) -> Look:
    """A code that is good for twenty, tried by two hundred at once."""
    code = f"FIRST20-{stage.run}"
    drafted = execute(CreatePromotion(name="First twenty", discount_kind="PERCENTAGE", value=2_500, code=code, total_limit=USES))
    execute(ActivatePromotion(promotion_id=drafted.promotion_id))
    posted = stage.check_out(stage.baskets(stage.some(TAKERS), stage.ordinary), promotionCode=code)
    return lambda: stage.observe(posted, lambda: discounted(posted))


JOURNEYS: Final = (
    Journey(name="out of stock", expected={"out of stock": 10, "left in stock": LEFT}, orders=0, play=out_of_stock),
    Journey(
        name=f"{BUYERS} buyers for {UNITS} units",
        expected={"awaiting fulfilment": UNITS, "charged once": UNITS, "out of stock": BUYERS - UNITS},
        orders=UNITS,
        play=too_many_buyers,
    ),
    Journey(
        name=f"a code for {USES}, {TAKERS} takers",
        expected={"awaiting fulfilment": USES, "charged once": USES, "discounted": USES, "refused with 409": TAKERS - USES},
        orders=USES,
        play=too_many_takers,
    ),
)
