"""Housekeeping of the HTTP base."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from shop.contracts.messaging import ForgetAnswers
from shop.contracts.personal_data import CustomerErased
from shop.messaging.sets import run

# A claim nobody came back for is dropped with the rest; one that is still leased stays.
FORGET: Final = """
    DELETE FROM shop_idempotencykey WHERE id IN (
        SELECT id FROM shop_idempotencykey
        WHERE created_at < now() - make_interval(hours => %s) AND (leased_until IS NULL OR leased_until < now())
        ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""


# Without its answer a repeat is a new request, and whoever sent this one can send no more.
FORGET_CUSTOMER: Final = "DELETE FROM shop_idempotencykey WHERE customer_id = %s AND lease IS NULL"


def forget_answers_when_customer_erased(event: CustomerErased) -> None:
    """Drop every answer kept for repeats that is about this customer."""
    run(FORGET_CUSTOMER, [event.customer_id])


def forget_answers(command: ForgetAnswers) -> None:
    """Drop stored answers older than ``IDEMPOTENCY_KEEP_HOURS``, at most ``limit``, the oldest first."""
    run(FORGET, [settings.IDEMPOTENCY_KEEP_HOURS, command.limit])
