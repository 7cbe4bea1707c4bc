"""What a handler may say, read from its code: every message constructed in it or in any function of ours it leads to.

The code is read, not run, and what is found is what *may* be said: a branch that is never taken counts too. A recorded
journey is checked against it by a test, so what cannot be found this way does not stay hidden.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final

from shop.contracts.base import Command, Event, Message, Query
from shop.messaging import bus
from shop.messaging.handlers import Outside

OURS: Final = ("catalog", "config", "fulfilment", "ordering", "payments", "reviews", "shop")
# The mailbox carries what it is given; following it would make everybody say everything.
CARRIERS: Final = ("shop.messaging", "shop.contracts", "shop.console")
SPEAKS: Final = ("shop.messaging.retention",)
SAYS: Final = (bus.send, bus.publish)


@dataclass(slots=True)
class Said:
    """Messages that a piece of code may send or publish, ask for, and hand to another handler within its own transaction."""

    says: set[type[Message]] = field(default_factory=set)
    asks: set[type[Query]] = field(default_factory=set)
    calls: set[type[Command]] = field(default_factory=set)


def said_by(*roots: Any) -> Said:
    """Everything that these functions, classes or handlers may say."""
    said, seen, waiting = Said(), set(), [found for root in roots for found in _code_in(root)]
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        waiting += _read(code, said)
    return said


def _code_in(value: Any) -> Iterator[Any]:
    """The functions and classes of ours that a value is or holds."""
    held = _held_by(value)
    for item in [value] if held is None else held:
        code = item.__func__ if isinstance(item, MethodType) else item
        if isinstance(code, FunctionType | type) and not _is_message(code) and _is_ours(code.__module__ or ""):
            yield inspect.unwrap(code)


def _held_by(value: Any) -> list[Any] | None:
    if isinstance(value, Outside):
        return [value.prepare, value.call, value.record, value.answer]
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else None


def _is_message(code: Any) -> bool:
    return isinstance(code, type) and issubclass(code, Message)


def _is_ours(module: str) -> bool:
    if module.partition(".")[0] not in OURS:
        return False
    return module in SPEAKS or not any(module == carrier or module.startswith(f"{carrier}.") for carrier in CARRIERS)


def _read(code: Callable[..., Any] | type, said: Said) -> list[Any]:
    module = sys.modules[code.__module__]
    node = _definitions(module).get(code.__qualname__)
    if node is None:
        return []
    reader = _Reader(module, said)
    reader.visit(node)
    return reader.leads_to


@cache
def _definitions(module: ModuleType) -> Mapping[str, ast.AST]:
    """Every function and class of a module by its qualified name."""
    found: dict[str, ast.AST] = {}

    def collect(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[prefix + node.name] = node
                collect(
                    node.body, f"{prefix}{node.name}." if isinstance(node, ast.ClassDef) else f"{prefix}{node.name}.<locals>."
                )

    collect(ast.parse(inspect.getsource(module)).body, "")
    return found


class _Reader(ast.NodeVisitor):
    """Goes through one definition and notes what it constructs and whom it leads to. Annotations say nothing."""

    def __init__(self, module: ModuleType, said: Said) -> None:
        self.module, self.said = module, said
        self.leads_to: list[Any] = []
        self.parameters: dict[str, Any] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if argument.annotation is not None:
                self.parameters[argument.arg] = self._found(argument.annotation)
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        function = self._found(node.func)
        made = _message_of(function) or _message_of(self._found(getattr(node.func, "value", None)))
        if made is not None:
            self._note(made)
        elif function is bus.call and node.args and isinstance(node.args[0], ast.Call):
            self._call_within(node.args[0])
            return
        elif function in SAYS and node.args and isinstance(node.args[0], ast.Name):
            passed_on = _message_of(self.parameters.get(node.args[0].id))
            if passed_on is not None:
                self._note(passed_on)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.leads_to += _code_in(self._found(node))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.leads_to += _code_in(self._found(node))
        self.generic_visit(node)

    def _call_within(self, command: ast.Call) -> None:
        made = _message_of(self._found(command.func))
        if made is not None and issubclass(made, Command):
            self.said.calls.add(made)
        for argument in (*command.args, *command.keywords):
            self.visit(argument)

    def _note(self, made: type[Message]) -> None:
        if issubclass(made, Query):
            self.said.asks.add(made)
        else:
            self.said.says.add(made)

    def _found(self, node: ast.AST | None) -> Any:
        """What a name, or a name inside a module, stands for here; ``None`` for anything that only running would tell."""
        if isinstance(node, ast.Name):
            return vars(self.module).get(node.id)
        if isinstance(node, ast.Attribute):
            holder = self._found(node.value)
            if isinstance(holder, ModuleType | type):
                return inspect.getattr_static(holder, node.attr, None)
        return None


def _message_of(value: Any) -> type[Message] | None:
    kinds = (Command, Event, Query)
    return value if isinstance(value, type) and issubclass(value, kinds) and value not in kinds else None
