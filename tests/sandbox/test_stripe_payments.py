"""The life of a payment through the official SDK."""

import pytest
import stripe

from config.sandbox import Sandbox, SandboxControl
from tests.sandbox.payments import authorise, captured


def test_authorise_holds_the_amount_and_takes_nothing(sdk, control: SandboxControl) -> None:
    intent = authorise(sdk, metadata={"payment_id": "p1"})

    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2500, 0)
    assert control.ledger("stripe")["totals"] == {
        "gbp": {"authorised": 2500, "captured": 0, "released": 0, "refunded": 0, "refunds_reversed": 0}
    }


def test_the_sdk_can_be_pointed_here_as_a_whole(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "api_base", sandbox.urls["stripe"])
    intent = stripe.PaymentIntent.create(api_key="sk_test_x", amount=100, currency="gbp", payment_method="pm_card_visa")

    assert intent.status == "requires_confirmation"
    assert intent.confirm(api_key="sk_test_x").status == "succeeded"


def test_capture_takes_the_amount_once(sdk, control: SandboxControl) -> None:
    intent = authorise(sdk)

    done = sdk.v1.payment_intents.capture(intent.id)
    with pytest.raises(stripe.InvalidRequestError) as second:
        sdk.v1.payment_intents.capture(intent.id)

    assert (done.status, done.amount_received, done.amount_capturable) == ("succeeded", 2500, 0)
    assert second.value.code == "payment_intent_unexpected_state"
    assert control.ledger("stripe")["totals"]["gbp"]["captured"] == 2500


def test_partial_capture_releases_the_rest(sdk, control: SandboxControl) -> None:
    intent = authorise(sdk)

    sdk.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1000})

    totals = control.ledger("stripe")["totals"]["gbp"]
    assert (totals["captured"], totals["released"]) == (1000, 1500)


def test_capture_refuses_more_than_is_held(sdk) -> None:
    intent = authorise(sdk)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2501})

    assert refused.value.code == "amount_too_large"
    assert sdk.v1.payment_intents.retrieve(intent.id).amount_capturable == 2500


def test_cancel_releases_the_hold_and_ends_the_intent(sdk, control: SandboxControl) -> None:
    intent = authorise(sdk)

    gone = sdk.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.payment_intents.capture(intent.id)

    assert (gone.status, gone.amount_capturable, gone.cancellation_reason) == ("canceled", 0, "abandoned")
    assert control.ledger("stripe")["totals"]["gbp"]["released"] == 2500


def test_a_captured_payment_cannot_be_cancelled(sdk) -> None:
    intent = captured(sdk)

    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.payment_intents.cancel(intent.id)

    assert sdk.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_create_and_confirm_in_two_steps(sdk) -> None:
    intent = sdk.v1.payment_intents.create({"amount": 100, "currency": "eur"})
    assert intent.status == "requires_payment_method"

    paid = sdk.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_mastercard"})

    assert (paid.status, paid.amount_received) == ("succeeded", 100)


def test_refund_in_parts_but_never_more_than_was_taken(sdk, control: SandboxControl) -> None:
    intent = captured(sdk)

    part = sdk.v1.refunds.create({"payment_intent": intent.id, "amount": 1000, "metadata": {"refund_id": "r1"}})
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.refunds.create({"payment_intent": intent.id, "amount": 1501})
    rest = sdk.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        sdk.v1.refunds.create({"payment_intent": intent.id})

    assert (part.amount, rest.amount, rest.status) == (1000, 1500, "succeeded")
    assert nothing_left.value.code == "charge_already_refunded"
    assert [found.id for found in sdk.v1.refunds.list({"payment_intent": intent.id})] == [rest.id, part.id]
    assert sdk.v1.refunds.retrieve(part.id).metadata["refund_id"] == "r1"
    assert control.ledger("stripe")["totals"]["gbp"]["refunded"] == 2500


def test_an_uncaptured_payment_cannot_be_refunded(sdk) -> None:
    intent = authorise(sdk)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v1.refunds.create({"payment_intent": intent.id})

    assert refused.value.code == "charge_not_captured"


def test_a_refund_can_fail_later_and_the_money_is_refundable_again(sdk, control: SandboxControl) -> None:
    intent = captured(sdk, payment_method="pm_card_pendingRefund")
    refund = sdk.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "pending"

    control.move_refund(refund.id, "failed")

    assert sdk.v1.refunds.retrieve(refund.id).status == "failed"
    assert control.ledger("stripe")["totals"]["gbp"]["refunds_reversed"] == 2500
    assert sdk.v1.refunds.create({"payment_intent": intent.id}).amount == 2500


def test_latest_charge_is_an_id_and_expands(sdk) -> None:
    intent = captured(sdk)

    expanded = sdk.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})

    assert expanded.latest_charge.id == intent.latest_charge
    assert expanded.latest_charge.amount_captured == 2500


def test_search_finds_an_intent_by_metadata(sdk) -> None:
    wanted = authorise(sdk, metadata={"payment_id": "a-1", "order": "o-1"})
    authorise(sdk, metadata={"payment_id": "a-2", "order": "o-1"})

    def search(query: str) -> list[str]:
        return [intent.id for intent in sdk.v1.payment_intents.search({"query": query})]

    assert search("metadata['payment_id']:'a-1'") == [wanted.id]
    assert len(search("metadata['order']:'o-1'")) == 2
    assert search("metadata['order']:'o-1' AND metadata['payment_id']:'a-1' AND status:'requires_capture'") == [wanted.id]
    assert search("metadata['payment_id']:'a-3'") == []
    with pytest.raises(stripe.InvalidRequestError):
        search("metadata[payment_id]=a-1")


def test_list_pages_newest_first(sdk) -> None:
    made = [authorise(sdk, amount=100 + number).id for number in range(5)]

    pages = sdk.v1.payment_intents.list({"limit": 2})

    assert [intent.id for intent in pages.auto_paging_iter()] == made[::-1]


def test_list_by_customer_and_time(sdk) -> None:
    ours = authorise(sdk, customer="cus_1")
    authorise(sdk, customer="cus_2")

    def listed(**given: object) -> list[str]:
        return [intent.id for intent in sdk.v1.payment_intents.list({"customer": "cus_1", **given})]

    assert listed(created={"gte": ours.created, "lt": ours.created + 1}) == [ours.id]
    assert listed(created={"gt": ours.created}) == []
