"""What the provider says, brought onto our payment. HTTP answers and webhooks go through the same door, in any order.

Called with the payment's row locked. An intent only moves forward (declined, or held and then captured or released), and a
payment that has come to rest stays there: what arrives late, twice or in reverse finds nothing left to change.
"""

from __future__ import annotations

import structlog
from uuid_utils.compat import uuid7

from payments import facts
from payments.accounts import Account
from payments.gateways.answers import Absent, Answer, FraudAnswer, Intent, IntentState, Rejected, Unclear
from payments.models import FraudCheck, PaymentAuthorization
from payments.returning import give_back_surplus
from payments.states import UNDECIDED, AuthorizationStatus, FailureReason, PaymentStatus, Verdict

log = structlog.get_logger(__name__)

STATUS_OF = {
    IntentState.DECLINED: AuthorizationStatus.DECLINED,
    IntentState.HELD: AuthorizationStatus.HELD,
    IntentState.CAPTURED: AuthorizationStatus.CAPTURED,
    IntentState.CANCELED: AuthorizationStatus.RELEASED,
}
DECLINED_MESSAGE = "The payment was declined."
GONE_MESSAGE = "The authorisation is no longer valid."
NOT_MADE_MESSAGE = "The payment could not be processed."


def settle_verdict(account: Account, answer: FraudAnswer) -> None:
    """Keep the first verdict on this payment."""
    if account.verdict is not None:
        return
    check = FraudCheck(
        payment_id=account.payment.id, verdict=answer.verdict, score=answer.score, reason=answer.reason, checked_at=account.now
    )
    account.verdict = account.new_verdict = check
    account.facts += facts.screened(account.payment, check, account.now)
    if answer.verdict == Verdict.REFUSE and account.payment.status in UNDECIDED:
        _fail(account, FailureReason.CARD_DECLINED, DECLINED_MESSAGE)


def settle(account: Account, answer: Answer) -> None:
    """Bring one answer onto the payment."""
    if isinstance(answer, Intent):
        _settle_intent(account, answer)
    elif isinstance(answer, Rejected):
        _settle_nothing(account, answer.reason, answer.message)
    elif isinstance(answer, Absent):
        _settle_nothing(account, FailureReason.PROCESSING_ERROR, NOT_MADE_MESSAGE)
    else:
        _settle_unclear(account, answer)


def settle_free(account: Account) -> None:
    """Nothing is due, so nothing is asked: the payment is authorised as it is."""
    if account.payment.status not in UNDECIDED:
        return
    if account.payment.void_requested:
        void(account)
        return
    _add_authorization(account, None, AuthorizationStatus.HELD, 0)
    _authorize(account)


def void(account: Account) -> None:
    """The payment holds nothing any more."""
    account.payment.void()
    _close(account)
    account.facts.append(facts.voided(account.payment, account.now))
    _tell_change(account)


def succeed(account: Account, captured: int) -> None:
    """The money is captured; what of it nobody wants any more goes back."""
    account.payment.succeed(captured)
    _close(account)
    account.facts.append(facts.succeeded(account.payment, account.now))
    give_back_surplus(account)


def _settle_intent(account: Account, intent: Intent) -> None:
    if intent.state is IntentState.PENDING:
        _settle_unclear(account, Unclear("the provider has not decided yet"))
        return
    authorization = _move_authorization(account, intent)
    payment = account.payment
    if not payment.intent_id and payment.status in UNDECIDED:
        payment.intent_id, account.changed = intent.id, True
    if payment.intent_id != intent.id or intent.currency != payment.currency or intent.amount != payment.amount:
        _settle_other(account, authorization)
    elif authorization.status == AuthorizationStatus.HELD:
        _settle_held(account)
    elif authorization.status == AuthorizationStatus.CAPTURED:
        _settle_captured(account, authorization.captured_amount)
    elif authorization.status == AuthorizationStatus.RELEASED:
        _settle_released(account)
    else:
        _settle_nothing(account, intent.reason, intent.message or DECLINED_MESSAGE)


def _settle_other(account: Account, authorization: PaymentAuthorization) -> None:
    """Not the hold this payment goes by. An order may stand on that one by now, so the other does not take it along: it is on
    record, an invariant says that there are two, and the provider drops it when its time is up."""
    if not authorization.is_live:
        return
    if account.payment.status in (PaymentStatus.AUTHORIZED, PaymentStatus.SUCCEEDED):
        log.error("second_hold", payment=str(account.payment.id), intent=authorization.provider_intent_id)
    else:
        account.release = True


def _settle_held(account: Account) -> None:
    payment = account.payment
    if payment.status in UNDECIDED and payment.void_requested:
        account.release = True
    elif payment.status in UNDECIDED:
        if account.verdict is not None:
            _authorize(account)
    elif payment.status in (PaymentStatus.FAILED, PaymentStatus.VOIDED):
        account.release = True


def _settle_captured(account: Account, captured: int) -> None:
    if account.payment.status in UNDECIDED and account.verdict is not None and not account.payment.void_requested:
        _authorize(account)
    if account.payment.status == PaymentStatus.AUTHORIZED:
        succeed(account, captured)


def _settle_released(account: Account) -> None:
    if account.payment.status == PaymentStatus.AUTHORIZED or account.payment.void_requested:
        if account.payment.status in (*UNDECIDED, PaymentStatus.AUTHORIZED):
            void(account)
    else:
        _settle_nothing(account, FailureReason.PROCESSING_ERROR, GONE_MESSAGE)


def _settle_nothing(account: Account, reason: FailureReason, message: str) -> None:
    """The provider holds nothing for this payment and will not."""
    if account.payment.status not in UNDECIDED:
        return
    if account.payment.void_requested:
        void(account)
    else:
        _fail(account, reason, message)


def _settle_unclear(account: Account, answer: Unclear) -> None:
    payment = account.payment
    if payment.status in UNDECIDED and answer.maybe_done:
        payment.lose_track(answer.error)
    else:
        payment.last_error = answer.error
    account.changed = True


def _move_authorization(account: Account, intent: Intent) -> PaymentAuthorization:
    status = STATUS_OF[intent.state]
    found = account.authorization(intent.id)
    if found is None:
        found = _add_authorization(account, intent, status, intent.amount)
        found.captured_amount = intent.captured if status == AuthorizationStatus.CAPTURED else 0
        return found
    if found.status == AuthorizationStatus.HELD:
        if status == AuthorizationStatus.CAPTURED:
            found.capture(intent.captured)
        elif status == AuthorizationStatus.RELEASED:
            found.release()
        elif not found.capture_before:
            found.capture_before = intent.capture_before
        found.updated_at = account.now
        account.updated.append(found)
    return found


def _add_authorization(account: Account, intent: Intent | None, status: AuthorizationStatus, amount: int) -> PaymentAuthorization:
    added = PaymentAuthorization(
        id=uuid7(),
        payment_id=account.payment.id,
        provider_intent_id=intent.id if intent else None,
        status=status,
        amount=amount,
        currency=intent.currency if intent else account.payment.currency,
        capture_before=intent.capture_before if intent else None,
    )
    account.authorizations.append(added)
    account.created.append(added)
    return added


def _authorize(account: Account) -> None:
    payment, authorization = account.payment, account.adopted
    assert authorization is not None
    payment.authorize()
    payment.authorized_at, payment.ask_again_at, account.changed = account.now, None, True
    account.facts.append(facts.authorized(payment, authorization, account.verdict, account.now))
    _tell_change(account)


def _fail(account: Account, reason: FailureReason, message: str) -> None:
    account.payment.fail(reason, message)
    _close(account)
    account.facts.append(facts.failed(account.payment, account.verdict, account.now))
    _tell_change(account)


def _close(account: Account) -> None:
    account.payment.closed_at, account.payment.ask_again_at, account.changed = account.now, None, True


def _tell_change(account: Account) -> None:
    """Whoever wanted to change the order waits for this."""
    if account.payment.change_id is not None:
        account.facts.append(facts.difference(account.payment, account.verdict, account.now))
