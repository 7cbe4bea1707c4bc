"""Postgres goes away in the middle of everything: clients are told to come back, and coming back has one effect."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import httpx
import pytest
from django.conf import settings
from django.db import connection

from config.embedded import PrivatePostgres
from ordering.orders.models import Order
from tests.faults.databases import pointed_at, terminate_the_others
from tests.faults.live import DECLINED, LONGEST_WAIT, VISA, Live, OpenCart, await_until, states_of

pytestmark = [pytest.mark.xdist_group("faults-postgres"), pytest.mark.slow]

LOAD = 30
DECLINED_OF_THEM = 6
COME_BACK = {503: {"unavailable", "busy"}, 409: {"request_in_progress"}}


@pytest.fixture(scope="module")
def postgres(database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    """A Postgres of the module's own, with the durability of production."""
    with PrivatePostgres(tmp_path_factory.mktemp("postgres")) as postgres, pointed_at(postgres.url()):
        yield postgres
        if not postgres.running:
            postgres.start()


@pytest.fixture(scope="module")
def live(postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with Live(tmp_path_factory.mktemp("live"), settings.REDIS_URL).running() as live:
        yield live


class Customers:
    """They press the button in threads of their own, and again with the same key whenever they are told to come back."""

    def __init__(self, live: Live, carts: Sequence[tuple[OpenCart, str]]) -> None:
        self.live = live
        self.todo = list(carts)
        self.sessions: list[tuple[str, UUID]] = []
        self.told: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.threads = [threading.Thread(target=self._shop) for _ in range(6)]
        for thread in self.threads:
            thread.start()

    def go_home(self) -> None:
        """Wait until all have been served. Fails if one was ever told anything but to come back."""
        for thread in self.threads:
            thread.join(LONGEST_WAIT)
        assert self.wrong == []
        assert not any(thread.is_alive() for thread in self.threads)

    def _shop(self) -> None:
        while self.todo:
            try:
                cart, method = self.todo.pop()
            except IndexError:
                return
            self._insist(cart, method)

    def _insist(self, cart: OpenCart, method: str) -> None:
        deadline = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < deadline:
            try:
                answer = self.live.submit(cart, method=method)
            except httpx.RemoteProtocolError:
                continue  # a connection that was closed unanswered: the key is there so that a client may ask again
            self.told[answer.status_code] += 1
            if answer.status_code == 200:
                self.sessions.append((method, UUID(answer.json()["checkoutSessionId"])))
                return
            if not told_to_come_back(answer):
                self.wrong.append(f"{answer.status_code}: {answer.text[:300]}")
                return
            time.sleep(0.1)
        self.wrong.append("was never served")


def told_to_come_back(answer: httpx.Response) -> bool:
    """503, or 409 for a key whose first request died with its database; both say when to try again."""
    codes = COME_BACK.get(answer.status_code, set())
    return answer.json().get("code") in codes and int(answer.headers.get("Retry-After", 0)) >= 1


def while_shopping(live: Live, fault: Callable[[], None]) -> Customers:
    """``fault()`` three times while the load is being submitted and worked on."""
    carts = [(cart, VISA) for cart in live.carts(LOAD - DECLINED_OF_THEM)]
    carts += [(cart, DECLINED) for cart in live.carts(DECLINED_OF_THEM)]
    customers = Customers(live, carts)
    for served in (LOAD // 6, LOAD // 2, LOAD):
        await_until(lambda least=served: len(customers.sessions) >= least or bool(customers.wrong))
        fault()
    customers.go_home()
    return customers


def all_well(live: Live, customers: Customers) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_delivery SET leased_until = now() WHERE status = 'leased'")
    sessions = [session for _, session in customers.sessions]
    assert len(set(sessions)) == LOAD
    live.await_end(sessions)
    states = states_of(sessions)
    for method, session in customers.sessions:
        assert states[session] == ("COMPLETED" if method == VISA else "ABORTED")
    assert Order.objects.filter(checkout_session_id__in=sessions).count() == LOAD - DECLINED_OF_THEM
    live.assert_nothing_wrong()
    assert all(process.alive for process in live.stack.processes)


def test_every_connection_terminated_again_and_again(live: Live) -> None:
    ended = []

    def fault() -> None:
        for _ in range(3):
            ended.append(terminate_the_others())
            time.sleep(0.1)

    all_well(live, while_shopping(live, fault))
    assert sum(ended) > 0


def test_the_server_killed_and_started_again(live: Live, postgres: PrivatePostgres) -> None:
    def fault() -> None:
        connection.close()
        postgres.kill()
        answer = live.submit(open_cart)
        assert answer.status_code == 503
        assert told_to_come_back(answer)
        assert live.http.get("/health/ready").status_code == 503
        assert live.http.get("/health/live").status_code == 200
        postgres.start()

    (open_cart,) = live.carts(1)
    customers = while_shopping(live, fault)
    all_well(live, customers)
    asked_again = Customers(live, [(open_cart, VISA)])
    asked_again.go_home()
    live.await_all([session for _, session in asked_again.sessions], "COMPLETED")
    live.assert_nothing_wrong()
