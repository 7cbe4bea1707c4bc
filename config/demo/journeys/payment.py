"""What the payment provider and the fraud service say, or fail to say."""

from __future__ import annotations

from typing import Any, Final

from config.demo import books
from config.demo.journeys.journey import Journey, Look
from config.demo.journeys.scarcity import in_stock
from config.demo.results import Facts
from config.demo.shopping import Posted
from config.demo.stage import Stage
from config.sandbox.wire import Json
from payments.models import PaymentAuthorization, ProviderCall, WebhookEvent

SOME: Final = 10
COPIES: Final = 3
# Each journey has a price of its own, by which the sandbox knows whose requests to spoil.
DECLINED, REFUSED, REVIEWED, TIMED_OUT, DOUBLED = 7_117, 8_219, 9_323, 12_511, 13_619


def _sell(stage: Stage, name: str, price: int, **wishes: Any) -> tuple[list[Posted], Any]:
    product = stage.product(name, price=price, stock=SOME)
    return stage.check_out(stage.baskets(stage.some(SOME), lambda: [(product, 1)]), **wishes), product


def declined(stage: Stage) -> Look:
    """The bank says no; what was reserved goes back on the shelf."""
    posted, product = _sell(stage, "Walnut tray", DECLINED, paymentMethodId="pm_card_chargeDeclinedInsufficientFunds")
    return lambda: stage.observe(posted, lambda: {"back in stock": in_stock(product)})


def fraud_refused(stage: Stage) -> Look:
    """The card is good, the fraud service says no: the hold is given back."""
    stage.control.set_verdict("refuse", reason="BLOCKLISTED", score=0.99, match={"amount": REFUSED})
    posted, product = _sell(stage, "Silver bracelet", REFUSED)
    return lambda: stage.observe(posted, lambda: {"back in stock": in_stock(product)})


def fraud_review(stage: Stage) -> Look:
    """A person has to look first: the order exists, waits, and nothing is taken yet."""
    stage.control.set_verdict("review", reason="HIGH_RISK_SCORE", score=0.7, match={"amount": REVIEWED})
    posted, _ = _sell(stage, "Film camera", REVIEWED)
    return lambda: stage.observe(posted)


def charged_and_timed_out(stage: Stage) -> Look:
    """The provider does what it is asked, and its answer never comes: for every hold, and for half of the captures."""
    holds = stage.control.add_fault(
        "execute_then_timeout", operation="create", match={"amount": TIMED_OUT}, times=SOME, seconds=30
    )
    takes = stage.control.add_fault(
        "execute_then_timeout", operation="capture", match={"amount": TIMED_OUT}, times=SOME // 2, seconds=30
    )
    posted, _ = _sell(stage, "Espresso machine", TIMED_OUT)

    def lost() -> Facts:
        hits = {fault["id"]: fault["hits"] for fault in stage.control.faults()}
        return {"answers lost": hits[holds] + hits[takes]}

    return lambda: stage.observe(posted, lost)


def webhooks_twice_and_early(stage: Stage) -> Look:
    """Every webhook comes three times, the first before the answer to the request that caused it."""
    for effect in ("webhook_before_answer", "webhook_duplicate"):
        stage.control.add_fault(effect, match={"amount": DOUBLED}, copies=COPIES)
    posted, _ = _sell(stage, "Chess set", DOUBLED)
    return lambda: stage.observe(posted, lambda: {"holds told of early": _told_early(stage, posted)})


def _told_early(stage: Stage, posted: list[Posted]) -> int:
    """How many of these payments had each webhook sent three times, the first before we noted the provider's answer."""
    payments = books.payments_of([each.session for each in posted])
    intents = PaymentAuthorization.objects.filter(payment_id__in=payments).values_list("provider_intent_id", "payment_id")
    answered = dict(
        ProviderCall.objects.filter(payment_id__in=payments, operation="authorize").values_list("payment_id", "recorded_at")
    )
    sent: dict[str, list[Json]] = {intent: [] for intent, _ in intents if intent}
    for event in stage.control.webhooks("stripe"):
        sent.get(event["about"], []).append(event)
    received = dict(
        WebhookEvent.objects.filter(event_id__in=[event["id"] for events in sent.values() for event in events]).values_list(
            "event_id", "received_at"
        )
    )
    return sum(
        all(event["attempts"] >= COPIES for event in sent[intent])
        and any(received[event["id"]] < answered[payment] for event in sent[intent] if event["id"] in received)
        for intent, payment in intents
        if intent
    )


JOURNEYS: Final = (
    Journey(name="declined card", expected={"declined": SOME, "back in stock": SOME}, orders=0, play=declined),
    Journey(name="fraud refused", expected={"refused as fraud": SOME, "back in stock": SOME}, orders=0, play=fraud_refused),
    Journey(name="fraud to review", expected={"on hold": SOME, "not yet charged": SOME}, orders=SOME, play=fraud_review),
    Journey(
        name="provider charges, then times out",
        expected={"awaiting fulfilment": SOME, "charged once": SOME, "answers lost": SOME + SOME // 2},
        orders=SOME,
        play=charged_and_timed_out,
    ),
    Journey(
        name="webhooks three times, before the answer",
        expected={"awaiting fulfilment": SOME, "charged once": SOME, "holds told of early": SOME},
        orders=SOME,
        play=webhooks_twice_and_early,
    ),
)
