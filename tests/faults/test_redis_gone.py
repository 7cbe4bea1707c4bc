"""Redis is only the bell: flushed, killed, empty, hung, half-open or never there, every checkout is accepted and completed."""

from collections.abc import Iterator
from uuid import UUID

import pytest
import redis

from config.embedded import PrivateValkey
from tests.faults.live import Live, await_until
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.xdist_group("faults-redis"), pytest.mark.slow]

SOME = 12
BELL_THROUGH_A_RIVER = 0.05  # seconds each way


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateValkey]:
    """A bell of the module's own, which forgets everything when it dies."""
    with PrivateValkey(tmp_path_factory.mktemp("valkey"), appendonly="no") as valkey:
        yield valkey


@pytest.fixture(scope="module")
def proxy(valkey: PrivateValkey) -> Iterator[Proxy]:
    with Proxy(valkey.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def live(database: None, valkey: PrivateValkey, proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The shop reaches its Redis through the proxy, and begins while there is none."""
    url = valkey.url().replace(f":{valkey.port}/", f":{proxy.port}/")
    valkey.kill()
    with Live(tmp_path_factory.mktemp("live"), url).running() as live:
        yield live


def whole_story(live: Live, sessions: list[UUID]) -> None:
    live.await_all(sessions, "COMPLETED")
    live.assert_nothing_wrong()
    for name in ("worker", "sweeper"):
        assert live.process(name).alive, live.process(name).tail(60)


def test_absent_from_the_start(live: Live, valkey: PrivateValkey) -> None:
    assert not valkey.running
    whole_story(live, live.check_out(SOME))
    valkey.start()
    whole_story(live, live.check_out(SOME))


def test_flushed_while_working(live: Live, valkey: PrivateValkey) -> None:
    sessions = []
    with redis.Redis.from_url(valkey.url()) as client:
        for _ in range(4):
            sessions += live.check_out(SOME // 2)
            client.flushall()
    whole_story(live, sessions)


def test_killed_and_started_again_empty(live: Live, valkey: PrivateValkey) -> None:
    sessions = live.check_out(SOME)
    valkey.kill()
    sessions += live.check_out(SOME)
    valkey.start()
    with redis.Redis.from_url(valkey.url()) as client:
        client.flushall()
    sessions += live.check_out(SOME)
    whole_story(live, sessions)


def test_hung(live: Live, valkey: PrivateValkey) -> None:
    sessions = live.check_out(SOME)
    valkey.pause()
    try:
        sessions += live.check_out(SOME)
        whole_story(live, sessions)
    finally:
        valkey.resume()
    whole_story(live, live.check_out(SOME))


def test_half_open(live: Live, proxy: Proxy) -> None:
    sessions = live.check_out(SOME)
    proxy.blackhole()
    try:
        sessions += live.check_out(SOME)
        whole_story(live, sessions)
    finally:
        proxy.restore()
    whole_story(live, live.check_out(SOME))


def test_connections_reset_and_slow(live: Live, proxy: Proxy) -> None:
    sessions = live.check_out(SOME)
    proxy.reset()
    sessions += live.check_out(SOME)
    proxy.slow(BELL_THROUGH_A_RIVER)
    sessions += live.check_out(SOME)
    whole_story(live, sessions)
    proxy.restore()


def test_the_workers_are_fetching_again(live: Live) -> None:
    """After all that bells are answered: mail is carried without a sweeper, once the web's breaker has closed again."""
    live.process("sweeper").kill()
    sessions = []

    def carried() -> bool:
        sessions.extend(live.check_out(1))
        try:
            live.await_end(sessions[-1:], seconds=3)
        except AssertionError:
            return False
        return True

    try:
        await_until(carried)
    finally:
        live.stack.start_sweeper(every=0.5)
    whole_story(live, sessions)
