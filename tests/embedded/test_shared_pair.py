"""One pair of servers per state folder, whatever dies."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import redis

from config.embedded.home import data_dir
from tests.embedded import observe
from tests.embedded.clients import Client, erase

Start = Callable[..., Client]


def test_two_commands_starting_at_once_share_one_pair(state_dir: Path, client: Start) -> None:
    together = [client() for _ in range(3)]

    addresses = {each.urls() for each in together}

    assert len(addresses) == 1
    assert len(observe.servers_of(state_dir)) == 2


def test_each_database_name_is_its_own_database_on_the_same_server(client: Start) -> None:
    one, other = client(SHOP_DB="one").urls(), client(SHOP_DB="other").urls()

    observe.write(one.database, one.redis, 1)
    observe.write(other.database, other.redis, 2)

    assert observe.read(one.database, one.redis) == ([1], 1)
    assert observe.read(other.database, other.redis) == ([2], 2)


def test_data_survive_the_supervisor_killed_while_in_use(state_dir: Path, client: Start) -> None:
    before = client().urls()
    observe.write(before.database, before.redis, 1)

    os.kill(observe.services(state_dir).pid, signal.SIGKILL)
    after = client().urls()

    observe.write(after.database, after.redis, 2)
    assert observe.read(after.database, after.redis) == ([1, 2], 2)
    assert len(observe.servers_of(state_dir)) == 2


def test_everything_killed_at_once_leaves_nothing_in_the_way(state_dir: Path, client: Start) -> None:
    first = client()
    before = first.urls()
    observe.write(before.database, before.redis, 1)

    os.kill(observe.services(state_dir).pid, signal.SIGSTOP)  # so that it cannot put anything right
    for server in observe.servers_of(state_dir):
        server.kill()
    os.kill(observe.services(state_dir).pid, signal.SIGKILL)
    first.kill()

    after = client().urls()
    assert observe.read(after.database, after.redis) == ([1], 1)


def test_servers_that_outlived_their_supervisor_are_ended_first(state_dir: Path, client: Start) -> None:
    before = client().urls()
    observe.write(before.database, before.redis, 1)
    frozen = observe.servers_of(state_dir)
    for server in frozen:
        server.suspend()  # frozen, they do not hear the kernel's signal to end

    os.kill(observe.services(state_dir).pid, signal.SIGKILL)
    after = client().urls()

    assert observe.read(after.database, after.redis) == ([1], 1)
    assert not any(server.is_running() and server.status() != psutil.STATUS_ZOMBIE for server in frozen)


def test_a_killed_server_is_started_again_at_the_same_address(state_dir: Path, client: Start) -> None:
    urls = client().urls()
    observe.write(urls.database, urls.redis, 1)
    killed = observe.servers_of(state_dir)

    for server in killed:
        server.kill()

    def both_remember() -> bool:
        try:
            return observe.read(urls.database, urls.redis) == ([1], 1)
        except (psycopg.OperationalError, OSError, redis.RedisError):
            return False

    assert observe.until(both_remember)
    assert not {server.pid for server in killed} & {server.pid for server in observe.servers_of(state_dir)}


def test_a_killed_client_does_not_block_the_next(state_dir: Path, client: Start) -> None:
    first = client()
    before = first.urls()
    first.kill()

    assert client().urls() == before


def test_a_client_killed_while_starting_the_servers_does_not_block_the_next(client: Start) -> None:
    hasty = client()
    hasty.kill()

    urls = client().urls()

    observe.write(urls.database, urls.redis, 1)
    assert observe.read(urls.database, urls.redis) == ([1], 1)


def test_without_clients_the_servers_end_cleanly_and_keep_their_data(state_dir: Path, client: Start) -> None:
    last = client(SHOP_EMBEDDED_IDLE_SECONDS="1")
    urls = last.urls()
    observe.write(urls.database, urls.redis, 1)
    supervisor = psutil.Process(observe.services(state_dir).pid)

    last.kill()

    assert observe.until(lambda: not supervisor.is_running() or supervisor.status() == psutil.STATUS_ZOMBIE)
    assert observe.servers_of(state_dir) == []
    assert "database system is shut down" in (state_dir / "logs" / "postgres.log").read_text()
    again = client().urls()
    assert observe.read(again.database, again.redis) == ([1], 1)


def test_servers_in_use_do_not_end(state_dir: Path, client: Start) -> None:
    staying = client(SHOP_EMBEDDED_IDLE_SECONDS="0.2")
    urls = staying.urls()
    leaving = client()
    leaving.urls()
    leaving.end()
    log = state_dir / "logs" / "supervisor.log"

    assert not observe.until(lambda: "nobody needs the servers" in log.read_text(), seconds=3)
    observe.write(urls.database, urls.redis, 1)


def test_data_of_a_checkout_that_is_gone_are_erased_by_the_next_start(state_dir: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    staying = tmp_path / "staying"
    for folder in (gone, staying):
        other = Client(folder, {"SHOP_EMBEDDED_IDLE_SECONDS": "0.1"})
        other.urls()
        other.end()
        assert observe.until(lambda folder=folder: observe.servers_of(folder) == [])
    data = data_dir(gone)

    shutil.rmtree(gone)
    here = Client(state_dir, {})
    here.urls()
    here.kill()

    assert not data.exists()
    assert data_dir(staying).exists()
    erase(staying)
