"""The drawings in `docs/domain.md` are the state machines in the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import NOT_PROVIDED, Model
from django_fsm import FSMField

from ordering.checkout.states import CheckoutState
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "domain.md").read_text(encoding="utf-8")
DRAWING = re.compile(r"^`(\w+\.\w+\.\w+)`.*?^```mermaid\nstateDiagram-v2\n(.*?)^```", re.DOTALL | re.MULTILINE)
ARROW = re.compile(r"^\s+(\S+) --> (\S+?)(?:: (.+))?$", re.MULTILINE)
START = "[*]"

Arrows = set[tuple[str, str, str]]


def machines() -> Iterator[tuple[type[Model], FSMField]]:
    """Every field that a state machine owns."""
    for model in apps.get_models():
        yield from ((model, field) for field in model._meta.fields if isinstance(field, FSMField))


def in_code(model: type[Model], field: FSMField) -> Arrows:
    """Its transitions as source, target and method, with the state it begins in."""
    arrows = {(str(each.source), str(each.target), each.name) for each in field.get_all_transitions(model)}
    return arrows if field.default is NOT_PROVIDED else {*arrows, (START, str(field.default), "")}


IN_CODE = {f"{model._meta.label}.{field.name}": in_code(model, field) for model, field in machines()}
DRAWN = {label: set(ARROW.findall(drawing)) for label, drawing in DRAWING.findall(PAGE)}


def test_every_state_machine_is_drawn_and_nothing_else() -> None:
    assert len(IN_CODE) >= 10
    assert set(DRAWN) - {"ordering.CheckoutSession.state"} == set(IN_CODE)


@pytest.mark.parametrize("label", sorted(IN_CODE))
def test_every_transition_is_drawn_and_nothing_else(label: str) -> None:
    assert DRAWN[label] == IN_CODE[label]


def test_every_state_of_a_checkout_is_drawn_and_nothing_else() -> None:
    drawn = {state for source, target, _ in DRAWN["ordering.CheckoutSession.state"] for state in (source, target)}

    assert drawn - {START} == set(CheckoutState.values)
