"""What every format says in the same words."""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from shop.contracts.base import Message, Part

TITLE: Final = "Shop operations"
ABOUT: Final = "Every command, event and query of the shop, written from the code that sends, handles and answers them."


@cache
def release() -> str:
    """The version of the product, from ``pyproject.toml``."""
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def as_json(value: Any) -> str:
    """JSON text, indented, keys in the order given."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def prose(message: type[Part]) -> str:
    """The whole docstring, its code marked as Markdown marks it."""
    return re.sub(r"``([^`]+)``", r"`\1`", inspect.cleandoc(message.__doc__ or message.__name__))


def summary(message: type[Part]) -> str:
    """The first sentence or line of the docstring, as one line."""
    return prose(message).split("\n\n")[0].replace("\n", " ")


def key_of(message: type[Message]) -> str:
    """``OrderCreated-1.0.0``: a name that may stand in references and file names everywhere."""
    return f"{message.message_name()}-{message.version}"


def deprecated(message: type[Message]) -> str:
    """A sentence about its end; empty for a current version."""
    if message.deprecated_since is None:
        return ""
    until = f" and kept until {message.removed_after}" if message.removed_after else ""
    return f"Deprecated since {message.deprecated_since}{until}."
