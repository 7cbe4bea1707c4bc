"""Reading the provider's ledger: one authorisation and one capture of the amount due, or it is not charged once."""

from __future__ import annotations

from config.demo.provider import accounts, money


def entry(kind: str, amount: int, payment: str = "p1") -> dict[str, object]:
    return {"kind": kind, "amount": amount, "metadata": {"payment_id": payment}}


def standing(*entries: dict[str, object]) -> dict[str, int | str]:
    return {name: count for name, count in money({"p1": 500}, accounts(entries)).items() if count}


def test_held_and_captured_once() -> None:
    assert standing(entry("authorise", 500), entry("capture", 500)) == {"charged once": 1}


def test_a_second_hold_a_second_capture_and_another_amount_are_wrong() -> None:
    hold, take = entry("authorise", 500), entry("capture", 500)
    assert standing(hold, take, hold) == {"charged wrongly": 1}
    assert standing(hold, take, hold, take) == {"charged wrongly": 1}
    assert standing(entry("authorise", 900), entry("capture", 900)) == {"charged wrongly": 1}


def test_a_second_hold_that_was_given_back_is_still_one_too_many() -> None:
    assert standing(entry("authorise", 500), entry("capture", 500), entry("authorise", 500), entry("release", 500)) == {
        "charged wrongly": 1
    }


def test_held_and_not_taken() -> None:
    assert standing(entry("authorise", 500)) == {"not yet charged": 1}
    assert standing(entry("authorise", 500), entry("authorise", 500)) == {"charged wrongly": 1}


def test_given_back_declined_and_never_asked_hold_nothing() -> None:
    assert standing(entry("authorise", 500), entry("release", 500)) == {}
    assert standing(entry("decline", 500)) == {}
    assert standing() == {}


def test_other_payments_do_not_count() -> None:
    assert standing(entry("authorise", 500, "p2"), entry("capture", 500, "p2")) == {}
