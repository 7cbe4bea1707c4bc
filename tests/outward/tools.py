"""What the tests of what outsiders are told share."""

from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from shop.contracts.outward import CreateWebhookEndpoint, WebhookSecretView
from shop.contracts.shopping import CartAbandoned
from shop.messaging.bus import execute, publish, unit_of_work
from tests.mail import deliver_all
from tests.outward.receiver import Partner


def listen(partner: Partner, *events: str, name: str = "acme", path: str = "/hooks") -> WebhookSecretView:
    """The partner's endpoint and its secret."""
    made: WebhookSecretView = execute(
        CreateWebhookEndpoint(partner=name, url=partner.url(path), events=list(events or ("CartAbandoned",)))
    )
    return made


def happen(count: int = 1, cart: UUID | None = None) -> list[UUID]:
    """That many carts are given up; the ids of the events."""
    with unit_of_work():
        return [
            publish(CartAbandoned(event_id=uuid4(), occurred_at=timezone.now(), cart_id=cart or uuid4()), sequence=number)
            for number in range(1, count + 1)
        ]


def work() -> None:
    """Deliver all mail that is due now."""
    deliver_all()


def time_passes() -> None:
    """Whatever backs off is due now."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_delivery SET due_at = now() WHERE status = 'open'")
        cursor.execute("UPDATE outward_webhooksending SET next_at = now() WHERE status = 'PENDING'")
