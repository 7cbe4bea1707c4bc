"""Where `urls()` sends a process that starts nothing."""

import pytest

from config import embedded


def test_given_addresses_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@db.example/shop")
    monkeypatch.setenv("REDIS_URL", "redis://redis.example/0")

    given = embedded.urls()

    assert (given.database, given.redis) == ("postgres://u:p@db.example/shop", "redis://redis.example/0")


@pytest.mark.parametrize(("given", "missing"), [("DATABASE_URL", "REDIS_URL"), ("REDIS_URL", "DATABASE_URL")])
def test_one_address_without_the_other_is_refused(monkeypatch: pytest.MonkeyPatch, given: str, missing: str) -> None:
    monkeypatch.delenv(missing, raising=False)
    monkeypatch.setenv(given, "something://somewhere/0")

    with pytest.raises(embedded.EmbeddedError, match=f"{missing} is not set"):
        embedded.urls()


def test_switched_off_nothing_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("SHOP_EMBEDDED", "off")

    assert embedded.urls() == embedded.NOWHERE
