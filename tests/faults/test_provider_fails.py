"""The payment provider and the fraud service fail in every way they know: never charged twice, never left hanging."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from ordering.checkout.models import CheckoutSession
from ordering.orders.models import Order
from payments.models import Payment
from tests.faults.live import DECLINED, Live, await_until, states_of, unfinished
from tests.faults.tools import violations

pytestmark = [pytest.mark.xdist_group("faults-provider"), pytest.mark.slow]

IMPATIENT = {
    "CHECKOUT_AUTHORIZE_DEADLINE_SECONDS": "3",
    "CHECKOUT_UNDO_DEADLINE_SECONDS": "1",
    "OUTSIDE_TOTAL_TIMEOUT_SECONDS": "0.7",
}
TOO_LATE = 1.5  # seconds: later than we wait for an answer


@pytest.fixture(scope="module")
def live(database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with Live(tmp_path_factory.mktemp("live"), settings.REDIS_URL, IMPATIENT).running() as live:
        yield live


@pytest.fixture(autouse=True)
def _mended(live: Live) -> Iterator[None]:
    yield
    live.control.clear_faults()
    live.control.clear_verdicts()


def fault(effect: str, **rule: Any) -> tuple[str, dict[str, Any]]:
    return effect, rule


PASSING = {
    "done and no answer": fault("execute_then_timeout", seconds=TOO_LATE),
    "done and hung up": fault("execute_then_timeout", seconds=0),
    "500 that the key keeps": fault("status", status=500),
    "500 from in front": fault("status", status=500, stored=False),
    "500 and done": fault("status", status=500, execute=True),
    "429": fault("status", status=429),
    "409": fault("status", status=409),
    "slow": fault("slow", seconds=0.3),
    "hung up": fault("drop"),
}


@pytest.mark.parametrize("operation", ["create", "capture"])
@pytest.mark.parametrize("what", [*PASSING])
def test_a_fault_that_passes(live: Live, operation: str, what: str) -> None:
    effect, rule = PASSING[what]
    live.control.add_fault(effect, operation=operation, times=5, **rule)
    good, bad = live.check_out(5), live.check_out(1, method=DECLINED)

    assert Counter(live.await_end([*good, *bad]).values()) == {"COMPLETED": 5, "ABORTED": 1}

    live.assert_nothing_wrong()
    payments = Payment.objects.filter(checkout_session_id__in=good)
    assert {*payments.values_list("status", flat=True)} == {"SUCCEEDED"}


def test_forty_charged_and_never_told(live: Live) -> None:
    live.control.add_fault("execute_then_timeout", operation="create", seconds=TOO_LATE, times=40)
    sessions = live.check_out(40)
    live.await_all(sessions, "COMPLETED")
    live.assert_nothing_wrong()
    entries = Counter(entry["kind"] for entry in live.control.ledger("stripe")["entries"])
    assert entries["authorise"] == entries["capture"] == Order.objects.exclude(lifecycle_status="ON_HOLD").count()


def test_402_is_a_decline(live: Live) -> None:
    live.control.add_fault("status", operation="create", status=402, code="insufficient_funds", times=3)
    sessions = live.check_out(3)
    live.await_all(sessions, "ABORTED")
    reasons = CheckoutSession.objects.filter(id__in=sessions).values_list("reason", flat=True)
    assert {*reasons} == {"PAYMENT_DECLINED"}
    live.assert_nothing_wrong()


def test_a_fraud_service_that_is_down_makes_people_look(live: Live) -> None:
    live.control.add_fault("down", service="fraud")
    sessions = live.check_out(3)
    live.await_all(sessions, "COMPLETED")
    assert {*Order.objects.filter(checkout_session_id__in=sessions).values_list("lifecycle_status", flat=True)} == {"ON_HOLD"}
    live.assert_nothing_wrong()


def retry_what_is_parked() -> None:
    call_command("saga", "retry", "--all-parked", "--reason", "the provider is back", "--actor", "ada")


def no_time_to_lose() -> None:
    """What is to be asked later is asked now, as if minutes had passed."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_payment SET ask_again_at = now() - interval '1 minute' WHERE ask_again_at > now()")
        cursor.execute("UPDATE messaging_delivery SET due_at = now() WHERE status = 'open' AND due_at > now()")
        cursor.execute("UPDATE messaging_timetableentry SET last_sent_at = now() - interval '1 minute' WHERE name LIKE 'Rec%'")


def settled(live: Live, sessions: list[UUID], state: str) -> None:
    def over() -> bool:
        no_time_to_lose()
        return set(states_of(sessions).values()) == {state} and unfinished() == 0

    await_until(over, state=lambda: states_of(sessions))
    live.assert_nothing_wrong()


def test_down_and_up_again(live: Live) -> None:
    live.control.add_fault("down", service="stripe")
    sessions = live.check_out(5)
    found = live.await_rest(sessions)
    assert set(found.values()) <= {"NEEDS_ATTENTION", "ABORTED"}
    assert violations() == []

    live.control.clear_faults()
    if "NEEDS_ATTENTION" in states_of(sessions).values():
        retry_what_is_parked()
    settled(live, sessions, "ABORTED")
    assert not Order.objects.filter(checkout_session_id__in=sessions).exists()


def test_an_undo_that_fails_parks_that_checkout_alone(live: Live) -> None:
    dear = {"amount_min": 8_000}
    live.control.add_fault("execute_then_timeout", operation="create", match=dear, seconds=TOO_LATE)
    live.control.add_fault("status", operation="cancel", match=dear, status=500, stored=False)
    live.control.add_fault("status", operation="search", status=500, stored=False)
    (victim,) = live.submit_all(live.carts(1, quantity=2))
    others = live.check_out(5)

    assert set(live.await_rest(others).values()) == {"COMPLETED"}
    assert live.await_rest([victim]) == {victim: "NEEDS_ATTENTION"}
    assert CheckoutSession.objects.get(id=victim).error
    assert violations() == []

    live.control.clear_faults()
    retry_what_is_parked()
    settled(live, [victim], "ABORTED")
    await_until(lambda: Payment.objects.get(checkout_session_id=victim).status == "VOIDED")
