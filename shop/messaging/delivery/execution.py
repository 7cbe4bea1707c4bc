"""Executing a command: its caller waits, so the handler runs here and now instead of by mail. Same handler, same record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shop.contracts.base import Command, Part
from shop.messaging.crashpoints import crash_point
from shop.messaging.declaring import declaration
from shop.messaging.delivery.handling import handle
from shop.messaging.delivery.leasing import Leased, lease_said
from shop.messaging.delivery.outside import carry_out
from shop.messaging.delivery.retrying import retrying
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Outside
from shop.messaging.outgoing import UnitOfWork, unit_of_work
from shop.messaging.routing import Route, switchboard
from shop.messaging.sets import fetch_rows

# Who acts travels with the question for the time, so that it costs no round trip of its own.
BEGIN = "SELECT now(), set_config('shop.acting', %s, true)"

BeforeCommit = Callable[[Part | None], None]


def leaves_the_process(command: type[Command]) -> bool:
    """Whether executing it is more than one transaction, because its handler talks to somebody outside in between."""
    (route,) = switchboard().routes(command)
    return isinstance(route.handler, Outside)


def execute(command: Command, *, before_commit: BeforeCommit | None = None, on_begin: Callable[[], None] | None = None) -> Any:
    """Run ``command`` in its own unit of work and return the handler's answer (an instance of ``response``, or ``None``).

    The command is recorded like any message, its delivery done in the same transaction. Raises what the handler refuses
    with (``Refused``); nothing is changed or recorded then. Transient database errors are retried up to three times.
    ``before_commit(answer)`` runs as the last thing inside that transaction, and undoes it by raising; for a handler that
    leaves the process it runs in a transaction of its own, once the answer is known. ``on_begin()`` runs as the first thing, and
    is only for commands whose handler does not leave the process.
    """
    (route,) = switchboard().routes(type(command))
    if isinstance(route.handler, Outside):
        assert on_begin is None, f"{route.name} leaves the process"
        return _execute_outside(command, route, route.handler, before_commit)
    answer = retrying(lambda: _execute_here(command, route, before_commit, on_begin))
    crash_point("execute.after_commit", route.name)
    return answer


def _execute_here(
    command: Command, route: Route, before_commit: BeforeCommit | None, on_begin: Callable[[], None] | None
) -> Part | None:
    with unit_of_work() as unit:
        if on_begin is not None:
            on_begin()
        envelope = _say(unit, command)
        unit.cause = envelope
        (answer,) = handle(route, [envelope], unit)
        if isinstance(answer, Exception):
            raise answer
        unit.flush()
        if before_commit is not None:
            before_commit(answer)
        crash_point("execute.before_commit", route.name)
    result: Part | None = answer
    return result


def _execute_outside(
    command: Command, route: Route, handler: Outside[Any, Any], before_commit: BeforeCommit | None
) -> Part | None:
    def write_down() -> tuple[Envelope[Any], Leased]:
        """Leased as it is written: no drainer can take it, and a refusal leaves nothing that would be carried out later."""
        with unit_of_work() as unit:
            envelope = _say(unit, command)
            leased = lease_said(route, unit.outgoing[:1], [envelope])
            unit.flush()
            return envelope, leased.numbered(route, unit)

    envelope, leased = retrying(write_down)
    carry_out(route, leased)
    answer = handler.answer(envelope)
    if before_commit is not None:
        note = before_commit

        def keep() -> None:
            with unit_of_work():
                note(answer)

        retrying(keep)
    return answer


def _say(unit: UnitOfWork, command: Command) -> Envelope[Any]:
    unit.add(command, executed=True)
    ((unit.began_at, _),) = fetch_rows(BEGIN, [declaration()])
    return unit.outgoing[-1].envelope(unit.began_at, awaited=True)
