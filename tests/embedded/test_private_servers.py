"""Servers of a test's own can be killed, frozen and started again."""

from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import PrivatePostgres, PrivateValkey


def test_postgres_keeps_what_it_committed_through_kill_and_stop(tmp_path: Path) -> None:
    with PrivatePostgres(tmp_path) as server:
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS value")
        port = server.port

        server.kill()
        assert not server.running
        server.start()
        server.stop()
        server.start()

        assert server.port == port
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT value FROM kept").fetchone() == (1,)


def test_postgres_frozen_answers_nobody_until_resumed(tmp_path: Path) -> None:
    with PrivatePostgres(tmp_path) as server, psycopg.connect(server.url(), autocommit=True) as connection:
        server.pause()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url(), connect_timeout=2)

        server.resume()
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_valkey_keeps_its_data_through_kill_and_nothing_answers_while_frozen(tmp_path: Path) -> None:
    with PrivateValkey(tmp_path, appendfsync="always") as server:
        client = redis.Redis.from_url(server.url(), socket_timeout=1, retry=None)
        client.set("kept", 1)

        server.kill()
        server.start()
        assert client.get("kept") == b"1"

        server.pause()
        with pytest.raises(redis.TimeoutError):
            client.get("kept")
        server.resume()
        assert client.get("kept") == b"1"
        client.close()


def test_two_private_servers_do_not_know_each_other(tmp_path: Path) -> None:
    with PrivateValkey(tmp_path / "one") as one, PrivateValkey(tmp_path / "other") as other:
        with redis.Redis.from_url(one.url()) as client:
            client.set("kept", 1)
        with redis.Redis.from_url(other.url()) as client:
            assert client.get("kept") is None
        assert one.port != other.port
