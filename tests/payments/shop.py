"""The words in which the payments tests tell their stories."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from config.sandbox import SandboxControl
from config.sandbox.wire import Request, Response, WireServer
from payments.models import Payment
from shop.contracts.base import Command, Event
from shop.contracts.ordering.checkout import AuthorizePayment
from shop.contracts.ordering.events import OrderConfirmed
from shop.contracts.payments import CapturePayment, VoidAuthorization
from shop.messaging.bus import publish, send, unit_of_work
from shop.messaging.delivery.drain import drain
from shop.messaging.doorbell import listening
from shop.messaging.models import Delivery, Message
from shop.messaging.sets import run

QUEUES = ("payments", "gateways")
VISA = "pm_card_visa"


class Shop:
    """Sends commands to the payments department and delivers its mail, as a worker would."""

    def __init__(self, sandbox: SandboxControl) -> None:
        self.sandbox = sandbox

    def command(self, **changes: Any) -> AuthorizePayment:
        """An authorisation of EUR 25.00 with fresh ids."""
        fields: dict[str, Any] = {
            "cart_id": uuid7(),
            "customer_id": uuid7(),
            "amount": 2500,
            "currency": "EUR",
            "payment_id": uuid7(),
            "order_id": uuid7(),
            "checkout_session_id": uuid7(),
            "payment_method_id": VISA,
        }
        return AuthorizePayment(**(fields | changes))

    def authorize(self, **changes: Any) -> Payment:
        """Authorise a payment and deliver what is due; the payment afterwards."""
        command = self.command(**changes)
        self.tell(command)
        return self.payment(command.payment_id)

    def void(self, payment_id: UUID, order_id: UUID | None = None) -> Payment:
        """Void a payment and deliver what is due; the payment afterwards."""
        self.tell(void_of(payment_id, order_id))
        return self.payment(payment_id)

    def capture(self, payment: Payment) -> Payment:
        """Capture a payment and deliver what is due; the payment afterwards."""
        self.tell(CapturePayment(payment_id=payment.id, order_id=payment.order_id))
        return self.payment(payment.id)

    def tell(self, *messages: Command | Event) -> None:
        """Say these in one unit of work and deliver what is due."""
        self.say(*messages)
        self.work()

    def say(self, *messages: Command | Event) -> None:
        """Say these in one unit of work; nobody delivers yet."""
        with listening(), unit_of_work():
            for message in messages:
                send(message) if isinstance(message, Command) else publish(message)

    def work(self) -> None:
        """Deliver all that is due now."""
        with listening():
            while any(drain(queue, follow=QUEUES) for queue in QUEUES):
                pass

    def work_to_the_end(self, rounds: int = 30) -> None:
        """Deliver everything, also what is due later, as if time passed."""
        for _ in range(rounds):
            self.work()
            if not run("UPDATE messaging_delivery SET due_at = now() WHERE status = 'open'"):
                return
            time.sleep(0.1)  # what the provider is still busy with ends in its own time
        raise AssertionError(f"still mail after {rounds} rounds: {self.open_mail()}")

    def deliver_again(self, *subscribers: str) -> None:
        """Deliver everything these subscribers ever got once more, as an operator may."""
        Delivery.objects.filter(subscriber__in=subscribers).update(status="open", done_at=None, due_at=Now())
        self.work()

    def make_old(self, payment_id: UUID, hours: int) -> None:
        """Let the first call for this payment have been so long ago."""
        Payment.objects.filter(id=payment_id).update(asked_since=Now() - timedelta(hours=hours))

    def open_mail(self) -> list[str]:
        """Subscribers with undelivered mail."""
        return list(Delivery.objects.exclude(status="done").values_list("subscriber", flat=True))

    @contextmanager
    def in_background(self, work: Callable[[], object], say: Sequence[AuthorizePayment]) -> Iterator[Callable[[], None]]:
        """Say these and let a second worker do ``work``; calling what is yielded waits until the provider is being asked."""

        def worker() -> None:
            try:
                with listening():
                    work()
            finally:
                connections.close_all()

        def started() -> None:
            until = time.monotonic() + 5
            while not Payment.objects.filter(id__in=[command.payment_id for command in say], asked__gt=0).exists():
                assert time.monotonic() < until
                time.sleep(0.01)

        self.say(*say)
        thread = threading.Thread(target=worker)
        thread.start()
        yield started
        thread.join()

    @contextmanager
    def webhooks_to(self, post_through: Callable[[Any, str], Any]) -> Iterator[None]:
        """Have the sandbox's own webhooks, with its signatures, posted to this shop and worked on at once."""

        def take(request: Request) -> Response:
            try:
                answer = post_through(request.body, request.headers["stripe-signature"])
                self.work()
                return Response(answer.status_code, {})
            finally:
                connections.close_all()

        server = WireServer("127.0.0.1", 0, take)
        server.start()
        self.sandbox.aim_webhooks(server.url)
        try:
            yield
            self.sandbox.settle()
        finally:
            self.sandbox.aim_webhooks(None)
            server.close()

    def payment(self, payment_id: UUID | None) -> Payment:
        """The payment as it is in the database."""
        return Payment.objects.get(id=payment_id)

    def facts(self, payment_id: UUID) -> dict[str, int]:
        """How often each event of this payment was published."""
        return dict(Counter(Message.objects.filter(kind="event", key=str(payment_id)).values_list("name", flat=True)))

    def fact(self, payment_id: UUID, name: str) -> dict[str, Any]:
        """The payload of the one event of that name."""
        payload: dict[str, Any] = Message.objects.get(kind="event", key=str(payment_id), name=name).payload
        return payload

    def intents(self, payment_id: UUID) -> list[dict[str, Any]]:
        """What the provider has for this payment, by its own ledger."""
        intents = self.sandbox.ledger("stripe")["intents"]
        return [intent for intent in intents if intent["metadata"].get("payment_id") == str(payment_id)]

    def held(self) -> int:
        """What the provider holds and has neither captured nor released, in minor units."""
        return sum(
            sums["authorised"] - sums["captured"] - sums["released"] for sums in self.sandbox.ledger("stripe")["totals"].values()
        )


def void_of(payment_id: UUID, order_id: UUID | None = None) -> VoidAuthorization:
    """The command that voids this payment."""
    return VoidAuthorization(payment_id=payment_id, order_id=order_id or uuid7(), reason="checkout aborted")


def now() -> datetime:
    """This moment, for fields whose value does not matter."""
    return datetime.now(UTC)


def confirmation_of(payment: Payment) -> OrderConfirmed:
    """The fact that the order of this payment is confirmed."""
    assert payment.customer_id
    return OrderConfirmed(
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        confirmation_number="ORD-20260001",
        total=payment.amount,
        currency=payment.currency,
        confirmed_at=now(),
    )
