"""The published language with messages of a test's own, as if they stood in a module of `shop/contracts/`."""

import sys
from collections.abc import Iterable
from types import ModuleType

import pytest

from config.management.commands import check_contracts
from shop.contracts import lock, registry
from shop.contracts.base import Message

MODULE = "shop.contracts.gifts"


def speak(monkeypatch: pytest.MonkeyPatch, extra: Iterable[type[Message]]) -> None:
    """From now on these messages are published too."""
    everything = (*registry.ALL, *extra)
    by_name = {name: dict(found) for name, found in registry._BY_NAME.items()}
    for message in extra:
        by_name.setdefault(message.message_name(), {})[message.version] = message
    for module in (lock, check_contracts):
        monkeypatch.setattr(module, "ALL", everything)
    monkeypatch.setattr(registry, "_BY_NAME", by_name)


def written(source: str) -> list[type[Message]]:
    """The messages of a module with this text, the oldest versions first."""
    module = ModuleType(MODULE)
    sys.modules[MODULE] = module
    exec(compile(source, f"{MODULE}.py", "exec"), vars(module))
    return registry._messages_of(module)
