"""What the processes complained about, out of their logs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.text import Text

MOST_LINES: Final = 6
LONGEST_LINE: Final = 240
WORDS: Final = ("error", "critical", "warning", "traceback", "exception")
HARMLESS: Final = ("securitywarning", "userwarning", "request_finished", "conflict: /", "unprocessable entity: /")


def complaints(logs: Path) -> Iterator[tuple[str, list[str]]]:
    """Each log of this folder that has any, with its last few, without colours and cut to a readable length."""
    for log in sorted(logs.glob("*.log")):
        lines = [Text.from_ansi(line).plain for line in log.read_text(errors="replace").splitlines()]
        told = [line[:LONGEST_LINE] for line in lines if _complains(line.lower())]
        if told:
            yield log.name, told[-MOST_LINES:]


def _complains(line: str) -> bool:
    """Errors and warnings, but not that this runs as root, nor that a customer was told no."""
    return any(word in line for word in WORDS) and not any(word in line for word in HARMLESS)
