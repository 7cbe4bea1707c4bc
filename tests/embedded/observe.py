"""Looking at embedded servers from outside."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import redis

from config.embedded.home import data_dir
from config.embedded.state import Services, State


def services(state_dir: Path) -> Services:
    """What the running supervisor wrote down."""
    found = State(state_dir).read_services()
    assert found
    return found


def servers_of(state_dir: Path) -> list[psutil.Process]:
    """Every postmaster and Valkey working on the data of this state folder."""
    data = data_dir(state_dir)
    return [process for process in psutil.process_iter() if _works_on(process, data)]


def until(true: Callable[[], bool], *, seconds: float = 60) -> bool:
    """Wait for something that must come true; return whether it did."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def write(database_url: str, redis_url: str, value: int) -> None:
    """Leave a value in both servers, and return only when both have it on disk."""
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])
    with redis.Redis.from_url(redis_url) as client:
        client.set("kept", value)
        assert client.execute_command("WAITAOF", 1, 0, 10_000)[0] == 1


def read(database_url: str, redis_url: str) -> tuple[list[int], int]:
    """Return what both servers remember."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT value FROM kept ORDER BY value").fetchall()
    with redis.Redis.from_url(redis_url) as client:
        return [row[0] for row in rows], int(client.get("kept") or 0)


def _works_on(process: psutil.Process, data: Path) -> bool:
    try:
        parent = process.parent()
        return Path(process.cwd()).is_relative_to(data) and (parent is None or parent.name() != "postgres")
    except psutil.Error:
        return False
