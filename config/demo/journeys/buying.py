"""Checkouts that go well, also when they are asked for twice."""

from __future__ import annotations

from typing import Final

from config.demo.journeys.journey import Journey, Look
from config.demo.people import person
from config.demo.results import Facts
from config.demo.shopkeeping import CUSTOMER_PASSWORD
from config.demo.shopping import OK, Posted
from config.demo.stage import Stage

MANY: Final = 200
AT_ONCE: Final = 50
NEWCOMERS: Final = (("Rosa", "Lindqvist"), ("Tomasz", "Adeyemi"), ("Hannah", "Iqbal"))


def newcomers(stage: Stage) -> Look:
    """The whole way in: register, add an address, log in, use a code."""
    people = [
        person(first, last, number, f"{first}.{last}.{stage.run}@example.com".lower())
        for number, (first, last) in enumerate(NEWCOMERS)
    ]
    buyers = [stage.door.register(each.email, each.name, CUSTOMER_PASSWORD, each.address.data()) for each in people]
    posted = stage.check_out(stage.baskets(buyers, stage.ordinary), promotionCode="WELCOME10")
    return lambda: stage.observe(posted, lambda: discounted(posted))


def discounted(posted: list[Posted]) -> Facts:
    """How many of these were sold at less than the sum of their lines."""
    return {"discounted": sum(each.body.get("discount", 0) > 0 for each in posted if each.status == OK)}


def many_at_once(stage: Stage) -> Look:
    """Ordinary carts of different customers."""
    posted = stage.check_out(stage.baskets(stage.some(MANY), stage.ordinary))
    return lambda: stage.observe(posted)


def one_cart_many_times(stage: Stage) -> Look:
    """An impatient customer, or a storefront that repeats itself."""
    (basket,) = stage.baskets(stage.some(1), stage.ordinary)
    posted = stage.check_out([basket] * AT_ONCE)
    alike = sum(each.body == posted[0].body for each in posted)
    return lambda: stage.observe(posted, lambda: {"equal answers": alike})


def same_key_other_body(stage: Stage) -> Look:
    """An ``Idempotency-Key`` stands for one request, and its answer is kept."""
    (basket,) = stage.baskets(stage.some(1), stage.ordinary)
    key = f"demo-{stage.run}"
    first, again = stage.door.check_out(basket, key), stage.door.check_out(basket, key)
    other = stage.door.check_out(basket, key, deliveryMethod="CLICK_AND_COLLECT")
    alike = 1 + (first.body == again.body)
    return lambda: stage.observe([first, again, other], lambda: {"equal answers": alike})


JOURNEYS: Final = (
    Journey(
        name="register, log in, buy with a code",
        expected={"awaiting fulfilment": 3, "charged once": 3, "discounted": 3},
        orders=3,
        play=newcomers,
    ),
    Journey(
        name=f"{MANY} checkouts at once",
        expected={"awaiting fulfilment": MANY, "charged once": MANY},
        orders=MANY,
        play=many_at_once,
    ),
    Journey(
        name=f"one cart submitted {AT_ONCE} times at once",
        expected={"awaiting fulfilment": 1, "charged once": 1, "equal answers": AT_ONCE},
        orders=1,
        play=one_cart_many_times,
    ),
    Journey(
        name="same Idempotency-Key, another body",
        expected={"awaiting fulfilment": 1, "charged once": 1, "equal answers": 2, "refused with 422": 1},
        orders=1,
        play=same_key_other_body,
    ),
)
