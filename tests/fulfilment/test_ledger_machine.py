"""Whatever is done in whatever order: the figures are those of a simple model, and the ledger explains them."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from uuid_utils.compat import uuid7

from fulfilment.inventory.explain import explain_stock
from fulfilment.inventory.invariants import check
from fulfilment.inventory.models import Reservation
from shop.contracts.fulfilment import (
    AdjustStock,
    ConsumeReservation,
    ExpireReservations,
    ReceiveStock,
    RecountStock,
    ReleaseInventory,
)
from shop.contracts.ordering import ReserveInventory
from shop.messaging.bus import execute
from shop.messaging.errors import Refused
from tests.fulfilment.builders import created, deliver, figures, make_overdue, request, status_of, stocked

PRODUCTS = 3
places = st.integers(0, PRODUCTS - 1)
quantities = st.integers(1, 6)


def granted(command: object) -> bool:
    """Whether the handler did it; a refusal is an answer, anything else is not."""
    try:
        execute(command)
    except Refused:
        return False
    return True


class StockMachine(RuleBasedStateMachine):
    """Three products, a simple model beside them."""

    requests: Bundle[ReserveInventory] = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.products: list[UUID] = []
        self.on_hand: Counter[UUID] = Counter()
        self.held: dict[UUID, Counter[UUID]] = {}
        self.bound: set[UUID] = set()
        self.status: dict[UUID, str] = {}

    @initialize(amounts=st.lists(st.integers(0, 8), min_size=PRODUCTS, max_size=PRODUCTS))
    def stock(self, amounts: list[int]) -> None:
        self.products = [stocked(amount) for amount in amounts]
        self.on_hand = Counter(dict(zip(self.products, amounts, strict=True)))

    def reserved(self, product_id: UUID) -> int:
        return sum(lines[product_id] for lines in self.held.values())

    def available(self, product_id: UUID) -> int:
        return self.on_hand[product_id] - self.reserved(product_id)

    @rule(target=requests, wanted=st.lists(st.tuples(places, quantities), min_size=1, max_size=4))
    def reserve(self, wanted: list[tuple[int, int]]) -> ReserveInventory:
        command = request(*((self.products[place], quantity) for place, quantity in wanted))
        assert command.reservation_id
        lines: Counter[UUID] = Counter()
        for item in command.items:
            lines[item.product_id] += item.quantity
        possible = all(self.available(product_id) >= quantity for product_id, quantity in lines.items())
        deliver(command)
        if possible:
            self.held[command.reservation_id] = lines
        self.status[command.reservation_id] = "HELD" if possible else "RELEASED"
        return command

    @rule(command=requests)
    def reserve_again(self, command: ReserveInventory) -> None:
        deliver(command)

    @rule(command=requests)
    def release(self, command: ReserveInventory) -> None:
        assert command.reservation_id
        execute(ReleaseInventory(reservation_id=command.reservation_id, reason="ORDER_CANCELLED"))
        if self.held.pop(command.reservation_id, None) is not None:
            self.status[command.reservation_id] = "RELEASED"

    @rule(command=requests)
    def consume(self, command: ReserveInventory) -> None:
        assert command.reservation_id
        assert command.order_id
        done = granted(ConsumeReservation(reservation_id=command.reservation_id, order_id=command.order_id))
        assert done == (self.status[command.reservation_id] in {"HELD", "CONSUMED"})
        if command.reservation_id in self.held:
            self.on_hand -= self.held.pop(command.reservation_id)
            self.status[command.reservation_id] = "CONSUMED"

    @rule(command=requests)
    def create_order(self, command: ReserveInventory) -> None:
        assert command.reservation_id
        if command.reservation_id in self.held:
            deliver(created(command.order_id))
            self.bound.add(command.reservation_id)

    @rule(command=requests)
    def let_time_pass(self, command: ReserveInventory) -> None:
        assert command.reservation_id
        if command.reservation_id in self.held:
            make_overdue(Reservation.objects.get(id=command.reservation_id))
        execute(ExpireReservations())
        if command.reservation_id in self.held and command.reservation_id not in self.bound:
            del self.held[command.reservation_id]
            self.status[command.reservation_id] = "EXPIRED"

    @rule(place=places, quantity=quantities)
    def receive(self, place: int, quantity: int) -> None:
        execute(ReceiveStock(product_id=self.products[place], quantity=quantity, reference=str(uuid7())))
        self.on_hand[self.products[place]] += quantity

    @rule(place=places, delta=st.integers(-6, 6).filter(bool))
    def adjust(self, place: int, delta: int) -> None:
        product_id = self.products[place]
        possible = self.on_hand[product_id] + delta >= self.reserved(product_id)
        assert granted(AdjustStock(product_id=product_id, delta=delta, reason="machine")) == possible
        if possible:
            self.on_hand[product_id] += delta

    @rule(place=places, counted=st.integers(0, 9))
    def recount(self, place: int, counted: int) -> None:
        product_id = self.products[place]
        possible = counted >= self.reserved(product_id)
        assert granted(RecountStock(product_id=product_id, counted=counted, reason="machine")) == possible
        if possible:
            self.on_hand[product_id] = counted

    @invariant()
    def the_ledger_explains_the_figures(self) -> None:
        for product_id in self.products:
            expected = (self.on_hand[product_id], self.reserved(product_id), self.available(product_id))
            assert figures(product_id) == expected
            explained = explain_stock(product_id)
            assert explained.adds_up
            assert sum(holding.quantity for holding in explained.holdings) == expected[1]
        assert {reservation_id: status_of(reservation_id) for reservation_id in self.status} == self.status
        assert list(check()) == []


@pytest.mark.django_db
def test_the_ledger_explains_the_figures_whatever_happens():
    run_state_machine_as_test(
        StockMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
