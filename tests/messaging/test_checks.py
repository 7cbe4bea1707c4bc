"""The process refuses to start with a message in nobody's hands: each problem has its code."""

import pytest

from ordering.checkout.saga import Checkout
from shop.contracts.fulfilment.inventory import ReleaseInventory
from shop.contracts.ordering import AuthorizePayment, CreateOrder, GetOrder, ReserveInventory
from shop.contracts.payments import VoidAuthorization
from shop.contracts.shopping import CartAbandoned, CartCheckedOut
from shop.messaging.checks import check_switchboard, problems
from shop.messaging.handlers import Outside
from shop.messaging.routing import ordered, route
from shop.messaging.switchboard import Switchboard


def answer(message):
    """Serves whatever it is."""


def same_name(message):
    """Another function of the same name."""


same_name.__qualname__ = answer.__qualname__


RESERVATIONS = (ReleaseInventory, ReserveInventory)


def in_ordering(handler):
    return route(handler, queue="ordering")


def board(**how) -> Switchboard:
    return Switchboard(**{"commands": {}, "events": {}, "queries": {}, **how})


@pytest.mark.parametrize(
    ("code", "message", "switchboard"),
    [
        ("E001", ReleaseInventory, board()),
        ("E002", CartAbandoned, board()),
        ("E003", GetOrder, board()),
        ("E004", CartAbandoned, board(events={CartAbandoned: []}, later=[CartAbandoned])),
        (
            "E007",
            ReleaseInventory,
            board(commands={ReleaseInventory: in_ordering(answer), ReserveInventory: in_ordering(same_name)}),
        ),
        ("E008", ReleaseInventory, board(commands={ReleaseInventory: route(answer, queue="nowhere")})),
    ],
)
def test_each_problem_has_its_code(code, message, switchboard):
    ((found, sentence, hint),) = problems(switchboard, [message])
    assert found == f"messaging.{code}"
    assert message.message_name() in sentence or code in ("E007", "E008")
    assert hint


def test_calls_to_the_outside_are_made_at_once_and_so_cannot_be_in_order():
    outside = Outside(name="test.provider", prepare=lambda batch: [], call=str, record=lambda called: None)
    ((code, sentence, _),) = problems(board(commands={ReleaseInventory: ordered(outside)}), [])
    assert code == "messaging.E009"
    assert "test.provider" in sentence


def test_a_saga_waits_for_and_sends_only_what_is_routed():
    commands = {ReserveInventory, AuthorizePayment, VoidAuthorization, CreateOrder}
    events = set(Checkout.listens_to()) - {CartCheckedOut}
    partly = board(commands=dict.fromkeys(commands, in_ordering(answer)), events=dict.fromkeys(events, ()), sagas=(Checkout,))
    found = {code: sentence for code, sentence, _ in problems(partly, [])}
    assert set(found) == {"messaging.E005", "messaging.E006"}
    assert "CartCheckedOut" in found["messaging.E005"]
    assert "ReleaseInventory" in found["messaging.E006"]


def test_what_is_listed_as_later_is_no_problem():
    assert [*problems(board(later=[ReleaseInventory, GetOrder]), [ReleaseInventory, GetOrder])] == []


def test_one_handler_for_two_messages_is_one_subscriber():
    both = board(commands={ReleaseInventory: in_ordering(answer), ReserveInventory: in_ordering(answer)})
    assert [*problems(both, [])] == []


def test_the_shop_itself_has_none():
    assert check_switchboard() == []


def test_a_saga_waits_in_its_own_queue():
    entry = board(events=dict.fromkeys(Checkout.listens_to(), ()), sagas=(Checkout,)).route_named("ordering.checkout.saga")
    assert entry is not None
    assert entry.queue == Checkout.queue
