"""Every invariant checked now, as rows of a page."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from shop.console.formats import span
from shop.messaging.invariants import run_all
from shop.messaging.routing import switchboard


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """One thing that is not as it must be, and where to look at it."""

    rule: str
    subject: str
    detail: str
    url: str


def violation_rows() -> tuple[list[ViolationRow], str]:
    """Every violation there is, and how long looking took."""
    started = time.perf_counter()
    found = run_all(switchboard().all_invariants())
    rows = [ViolationRow(one.rule, one.subject, one.detail, where(one.subject)) for one in found]
    return rows, span(time.perf_counter() - started)


def where(subject: str) -> str:
    """The search that finds a violation's subject, whatever kind it is."""
    return f"{reverse('admin:find')}?{urlencode({'q': subject})}"
