"""What is done and old goes, in chunks; what is open, leased or dead stays whatever its age."""

from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection

from shop.contracts.messaging import PruneMessages
from shop.messaging.bus import execute
from shop.messaging.delivery.batches import deliver_batch
from shop.messaging.models import Delivery, Message
from shop.messaging.retention import prune_chunk, prune_messages
from shop.messaging.switchboard import Switchboard, route
from tests.boards import using
from tests.messaging.tools import only_route

pytestmark = pytest.mark.django_db(transaction=True)

OLD = """
    INSERT INTO messaging_message (id, kind, name, version, key, correlation_id, actor, payload)
    VALUES (%s, 'command', 'ReleaseInventory', '1.0.0', '', %s, '', '{}')
"""
MADE_AT = "SELECT (extract(epoch FROM now() - make_interval(days => %s, secs => %s)) * 1000)::bigint"


def said(*statuses: str, days: int, seconds: int = 0) -> UUID:
    """A message made that long ago, with a delivery per status."""
    with connection.cursor() as cursor:
        cursor.execute(MADE_AT, [days, seconds])
        (made_at,) = cursor.fetchone()
        message = UUID(int=made_at << 80 | 0x7 << 76 | UUID(int=Message.objects.count()).int)
        cursor.execute(OLD, [message, message])
        for number, status in enumerate(statuses):
            leased = status == "leased"
            Delivery.objects.create(
                message_id=message, subscriber=f"s{number}", queue="q", status=status,
                lease=message if leased else None, leased_until="2020-01-01T00:00:00Z" if leased else None,
            )  # fmt: skip
    return message


def left() -> set[UUID]:
    return set(Message.objects.values_list("pk", flat=True))


def test_only_what_is_done_and_older_goes():
    gone = {said("done", days=31), said("done", "discarded", days=90), said(days=31), said("done", days=30, seconds=5)}
    kept = {
        said("done", "open", days=31),
        said("done", "dead", days=300),
        said("leased", days=31),
        said("done", days=29),
        said("done", days=30, seconds=-5),
    }
    assert prune_chunk(100, days=30) == 4
    assert left() == kept
    assert not gone & left()
    assert not Delivery.objects.exclude(message_id__in=kept).exists()


def test_chunks_take_the_oldest_first_and_the_command_takes_them_all():
    oldest = [said("done", days=100 - day) for day in range(5)]
    assert prune_chunk(2, days=30) == 2
    assert left() == set(oldest[2:])
    output = StringIO()
    call_command("prune_messages", "--days", "30", "--chunk", "2", stdout=output)
    assert "3 messages removed" in output.getvalue()
    assert left() == set()


def test_the_recurring_command_goes_on_until_nothing_old_is_left():
    board = Switchboard(commands={PruneMessages: route(prune_messages, queue="ordering")}, events={}, queries={})
    for _ in range(7):
        said("done", days=40)
    with using(board):
        execute(PruneMessages(limit=2))
        while deliver_batch(only_route()):
            pass
    assert {message.name for message in Message.objects.all()} == {"PruneMessages"}


def test_the_shops_own_retention_counts_when_nothing_is_said(settings):
    settings.MESSAGE_RETENTION_DAYS = 10
    said("done", days=11)
    young = said("done", days=9)
    assert prune_chunk(10) == 1
    assert left() == {young}
