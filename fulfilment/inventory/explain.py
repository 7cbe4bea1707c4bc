"""Why is this 47? The ledger of one product, summed up as it went, next to what the stock row says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fulfilment.inventory.models import Reservation, StockItem
from fulfilment.inventory.states import MovementKind, ReservationStatus
from shop.messaging.errors import Missing
from shop.messaging.sets import fetch_rows

# A bestseller has hundreds of thousands of lines, all over the table. What came before the newest of them is taken from the
# line where they begin; that it follows from those before it is an invariant.
MOST_SUMMED = 10_000
BEFORE = """
    SELECT on_hand_after, reserved_after FROM fulfilment_stockmovement WHERE product_id = %s AND sequence = %s
"""
# The sums run over all of these, so that the newest lines add up to today's figures.
LEDGER = """
    SELECT sequence, at, kind, delta_on_hand, delta_reserved, %s::int + sum(delta_on_hand) OVER w,
           %s::int + sum(delta_reserved) OVER w, reservation_id, reference, reason, actor, message_id
    FROM fulfilment_stockmovement WHERE product_id = %s AND sequence > %s
    WINDOW w AS (ORDER BY sequence) ORDER BY sequence DESC LIMIT %s
"""
BY_KIND = """
    SELECT kind, count(*), sum(delta_on_hand), sum(delta_reserved)
    FROM fulfilment_stockmovement WHERE product_id = %s AND sequence > %s GROUP BY kind ORDER BY kind
"""
# By the ledger: whatever is held was reserved there, and lines of reservations have no index by product.
HOLDING = """
    SELECT r.id, r.order_id, l.quantity, r.expires_at, r.order_bound
    FROM (
        SELECT DISTINCT reservation_id FROM fulfilment_stockmovement WHERE product_id = %s AND sequence > %s AND kind = %s
    ) m
    JOIN fulfilment_reservation r ON r.id = m.reservation_id AND r.status = %s
    JOIN fulfilment_reservationline l ON l.reservation_id = r.id AND l.product_id = %s
    ORDER BY r.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One movement; ``on_hand`` and ``reserved`` are the sums of all differences up to and including it."""

    sequence: int
    at: datetime
    kind: str
    delta_on_hand: int
    delta_reserved: int
    on_hand: int
    reserved: int
    reservation_id: UUID | None
    reference: str
    reason: str
    actor: str
    message_id: UUID | None


@dataclass(frozen=True, slots=True)
class KindTotal:
    """All movements of one kind together."""

    kind: str
    count: int
    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Holding:
    """A reservation that holds some of the product now; without ``expires_at`` only its order ends it."""

    reservation_id: UUID
    order_id: UUID | None
    quantity: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class StockExplanation:
    """What there is of a product and how it came to that: totals by kind, the newest ledger lines, who holds what.

    ``summed_from`` is the movement before the first that was summed (0: all were), ``before`` what was on hand and reserved then.
    """

    item: StockItem
    totals: list[KindTotal]
    lines: list[LedgerLine]
    holdings: list[Holding]
    summed_from: int = 0
    before: tuple[int, int] = (0, 0)

    @property
    def adds_up(self) -> bool:
        """Whether the ledger comes to what the stock row says."""
        on_hand = self.before[0] + sum(total.on_hand for total in self.totals)
        reserved = self.before[1] + sum(total.reserved for total in self.totals)
        return (on_hand, reserved) == (self.item.on_hand, self.item.reserved)

    @property
    def sentence(self) -> str:
        """The whole story in one sentence for an operator."""
        moved = [f"{MovementKind(total.kind).label.lower()} {total.on_hand:+d}" for total in self.totals if total.on_hand]
        first = [f"{self.before[0]} after the first {self.summed_from:,} movements"] if self.summed_from else []
        history = ", ".join([*first, *moved]) or "nothing ever came in"
        verdict = "" if self.adds_up else " The ledger does not add up to this."
        return (
            f"{self.item.on_hand} on hand ({history}), {self.item.reserved} of them reserved, "
            f"so {self.item.available} available.{verdict}"
        )


def explain_stock(product_id: UUID, *, lines: int = 100) -> StockExplanation:
    """Explain today's figures of a product with its newest ``lines`` movements. Raises ``Missing`` if never stocked."""
    item = StockItem.objects.filter(product_id=product_id).first()
    if item is None:
        raise Missing("stock_not_found", "This product was never stocked.")
    since = max(item.version - MOST_SUMMED, 0)
    ((on_hand, reserved),) = fetch_rows(BEFORE, [product_id, since]) or [(0, 0)]
    wanted = [product_id, since, MovementKind.RESERVED.value, ReservationStatus.HELD.value, product_id, lines]
    holding = fetch_rows(HOLDING, wanted) if item.reserved else []
    return StockExplanation(
        item=item,
        totals=[KindTotal(*row) for row in fetch_rows(BY_KIND, [product_id, since])],
        lines=[LedgerLine(*row) for row in fetch_rows(LEDGER, [on_hand, reserved, product_id, since, lines])],
        holdings=[Holding(i, order, quantity, None if bound else ends) for i, order, quantity, ends, bound in holding],
        summed_from=since,
        before=(on_hand, reserved),
    )


def reservations_of_order(order_id: UUID) -> list[Reservation]:
    """Every reservation made for an order, the newest first, lines included."""
    return list(Reservation.objects.filter(order_id=order_id).order_by("-id").prefetch_related("lines"))
