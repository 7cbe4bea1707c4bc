"""The end of a use: kept when its checkout became an order, given back when it failed. Set-based; safe to repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from django.db.models.functions import Now

from shop.messaging.sets import Column, fetch_rows, insert_rows, select, update_rows
from shop.promotions.models import CancelledOrder, CompletedCheckout, Promotion, PromotionUse
from shop.promotions.states import UseState

# Taken in the order of the ids: sorting comes before the output list.
ONE_AT_A_TIME: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended(ids.id::text, 0)) FROM (
        SELECT id FROM unnest(%s::uuid[]) AS id ORDER BY id) ids
"""
HELD: Final = "WHERE checkout_session_id = ANY(%s::uuid[]) AND status = %s ORDER BY id FOR NO KEY UPDATE"
COMPLETED_COLUMNS: Final[tuple[Column, ...]] = (("checkout_session_id", "uuid"), ("customer_id", "uuid"))


def remember(sessions: Iterable[tuple[UUID, UUID]]) -> None:
    """These checkouts (session, customer) have become orders: their customers are no longer new."""
    insert_rows(CompletedCheckout._meta.db_table, COMPLETED_COLUMNS, sessions, tail="ON CONFLICT DO NOTHING")


def keep(orders: Mapping[UUID, UUID]) -> None:
    """The uses these checkouts hold stay counted; ``orders`` are what the checkouts have become. Those of orders that were
    cancelled before anybody told us of them are given back."""
    uses = _held(orders)
    if not uses:
        return
    _one_at_a_time(orders[use.checkout_session_id] for use in uses)
    for use in uses:
        use.keep()
        use.order_id = orders[use.checkout_session_id]
    rows = [(use.pk, use.order_id, UseState.KEPT.value) for use in uses]
    update_rows(PromotionUse._meta.db_table, ("id", "uuid"), (("order_id", "uuid"), ("status", "text")), rows)
    PromotionUse.objects.filter(pk__in=[use.pk for use in uses]).update(settled_at=Now())
    cancelled = CancelledOrder.objects.filter(order_id__in=[use.order_id for use in uses]).values_list("order_id", flat=True)
    if early := list(cancelled):
        give_back_of_orders(early)


def give_back_of_orders(order_ids: Collection[UUID]) -> None:
    """Uses of cancelled orders are free again, unless their promotion says that they count. An order nobody has told us of yet
    is remembered; safe to repeat."""
    _one_at_a_time(order_ids)
    rows = PromotionUse.objects.select_for_update(no_key=True, of=("self",)).filter(order_id__in=order_ids)
    uses = list(rows.select_related("promotion").order_by("pk"))
    known = {use.order_id for use in uses}
    CancelledOrder.objects.bulk_create(
        [CancelledOrder(order_id=order_id) for order_id in order_ids if order_id not in known], ignore_conflicts=True
    )
    returned = [use for use in uses if use.status == UseState.KEPT and use.promotion.returns_when_cancelled]
    for use in returned:
        use.return_after_cancellation()
    _store(returned, UseState.GIVEN_BACK)
    _uncount(Counter(use.promotion_id for use in returned))


def give_back(sessions: Collection[UUID]) -> None:
    """The uses these checkouts hold are free for others again."""
    uses = _held(sessions)
    for use in uses:
        use.give_back()
    _store(uses, UseState.GIVEN_BACK)
    _uncount(Counter(use.promotion_id for use in uses))


def _one_at_a_time(order_ids: Iterable[UUID]) -> None:
    """That an order came about and that it was cancelled may be told at the same moment; one of the two looks second."""
    if wanted := sorted(set(order_ids)):
        fetch_rows(ONE_AT_A_TIME, [wanted])


def _held(sessions: Collection[UUID]) -> list[PromotionUse]:
    return select(PromotionUse, HELD, [[*sessions], UseState.HELD.value])


def _store(uses: Collection[PromotionUse], status: UseState) -> None:
    if uses:
        PromotionUse.objects.filter(pk__in=[use.pk for use in uses]).update(status=status, settled_at=Now())


def _uncount(given_back: Counter[UUID]) -> None:
    counted = Promotion.objects.select_for_update(no_key=True).filter(pk__in=list(given_back), total_limit__isnull=False)
    rows = [(promotion.pk, promotion.uses - given_back[promotion.pk]) for promotion in counted.order_by("pk")]
    update_rows(Promotion._meta.db_table, ("id", "uuid"), (("uses", "integer"),), rows)
