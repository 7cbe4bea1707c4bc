"""What an ordered subscriber is given costs what it is given, however much there was before it and waits behind it."""

import pytest
from django.db import connection

from shop.messaging.delivery import claim
from shop.messaging.sets import run

pytestmark = pytest.mark.django_db

SUBSCRIBER = "somebody.in.order"
PAST, OPEN = 2_000, 3_000
MESSAGES = """
    INSERT INTO messaging_message (id, kind, name, version, key, correlation_id, actor, payload)
    SELECT md5(n::text)::uuid, 'event', 'ProductUpdated', '1.0.0', 'key ' || n %% 700, gen_random_uuid(), '', '{}'
    FROM generate_series(1, %s) AS n
"""
DELIVERIES = """
    INSERT INTO messaging_delivery (message_id, subscriber, queue, key, status, attempts, due_at, error, fingerprint)
    SELECT md5(n::text)::uuid, %s, 'catalog', 'key ' || n %% 700, 'open', 0, now(), '', '' FROM generate_series(1, %s) AS n
"""
DONE = """
    UPDATE messaging_delivery SET status = 'done' WHERE id IN (SELECT id FROM messaging_delivery ORDER BY id LIMIT %s)
"""


def plan(sql: str, parameters: list[object]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_a_claim_goes_by_what_is_open_also_when_the_planner_believes_that_everything_is() -> None:
    run(MESSAGES, [PAST + OPEN])
    run(DELIVERIES, [SUBSCRIBER, PAST + OPEN])
    run("ANALYZE messaging_delivery")
    run(DONE, [PAST])
    told = plan(claim.CLAIM_ORDERED, [SUBSCRIBER, SUBSCRIBER, 500])
    assert "delivery_next_in_order" in told
    assert "messaging_delivery_pkey" not in told
