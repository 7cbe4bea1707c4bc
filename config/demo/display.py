"""What a person at a terminal sees: one line per journey as it ends, a line that moves meanwhile, and the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from config.demo.complaints import complaints
from config.demo.results import Facts, Result, Verdict, counted, in_words, percentiles
from shop.messaging.invariants import Violation

# Where the output is no terminal: wide enough for the table.
PLAIN_WIDTH: Final = 150
MOST_SHOWN: Final = 20


class Display:
    """Colours and movement on a terminal, plain lines anywhere else."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        if console is None and not self.console.is_terminal:
            self.console = Console(width=PLAIN_WIDTH, highlight=False)
        self._status: Status | None = None
        self._title = ""

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Something that takes a while; ``tell`` says how far it is."""
        self._title = title
        if not self.console.is_terminal:
            yield
            return
        with self.console.status(escape(title)) as status:
            self._status = status
            try:
                yield
            finally:
                self._status = None

    def tell(self, what: str) -> None:
        """A passing remark, for terminals only."""
        if self._status:
            self._status.update(f"{escape(self._title)} [dim]{escape(what)}[/dim]")

    def say(self, text: str) -> None:
        """A line that stays."""
        self.console.print(escape(text), soft_wrap=True)

    def played(self, number: int, of: int, result: Result) -> None:
        """How a journey ended."""
        mark = "[green]ok[/green]  " if result.as_expected else "[bold red]FAIL[/bold red]"
        self.console.print(f"{number:>2}/{of} {mark} {escape(result.name)}", soft_wrap=True)
        if not result.as_expected:
            self.console.print(f"           expected {escape(in_words(result.expected))}", soft_wrap=True)
            self.console.print(f"           seen     {escape(found(result))}", soft_wrap=True)

    def table(self, results: Sequence[Result]) -> None:
        """Every journey with what was expected and seen."""
        table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
        for name in ("journey", "expected", "seen"):
            table.add_column(name, overflow="fold")
        for name in ("orders", "p50", "p95"):
            table.add_column(name, justify="right", no_wrap=True)
        for result in results:
            times = percentiles(result.seen.milliseconds)
            p50, p95 = (duration(value) for value in times) if times else ("", "")
            style = "" if result.as_expected else "red"
            cells = (result.name, in_words(result.expected), found(result), str(result.seen.orders), p50, p95)
            table.add_row(*(escape(cell) for cell in cells), style=style)
        self.console.print(table)
        self.console.print("[dim]p50 and p95: from POST /carts/{id}/checkout to the final status of the checkout.[/dim]")

    def violations(self, violations: Sequence[Violation]) -> None:
        """What is wrong, if anything."""
        for violation in violations[:MOST_SHOWN]:
            self.console.print(
                f"[red]{escape(f'{violation.rule}: {violation.subject}: {violation.detail}')}[/red]", soft_wrap=True
            )
        if len(violations) > MOST_SHOWN:
            self.say(f"and {len(violations) - MOST_SHOWN} more: manage.py check_invariants lists them")

    def complaints(self, logs: Path) -> None:
        """Where the logs are, and the end of what the processes complained about."""
        self.say(f"The logs are in {logs}.")
        for name, lines in complaints(logs):
            self.console.print(f"[bold]{escape(name)}[/bold]", soft_wrap=True)
            for line in lines:
                self.console.print(f"  {escape(line)}", soft_wrap=True)

    def last(self, verdict: Verdict) -> None:
        """The last line, in plain text for whoever reads it by machine."""
        self.console.print(verdict.last_line, style="bold green" if verdict.passed else "bold red", soft_wrap=True)


def found(result: Result) -> str:
    """What was seen: the same words if it is the same, in the same order."""
    if result.error:
        return result.error
    return in_words(in_order_of(result.seen.facts, result.expected))


def in_order_of(facts: Facts, model: Facts) -> Facts:
    """``facts`` with those first that ``model`` has too, in its order."""
    known = counted(facts)
    return {name: known[name] for name in [*model, *known] if name in known}


def duration(milliseconds: float) -> str:
    """``850 ms`` or ``4.2 s``."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:.1f} s"
