"""The deny words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from reviews.screening.models import DenyWord
from reviews.screening.states import Category
from reviews.screening.verbs import VERBS
from reviews.screening.wording import stored
from shop.console.base import OpsModelAdmin, Tab
from shop.console.formats import moment
from shop.console.sections import Facts
from shop.console.terms import Term


def of(category: Category) -> Any:
    """Keeps words that speak of this."""
    return lambda rows: rows.filter(category=category)


@admin.register(DenyWord)
class DenyWordAdmin(OpsModelAdmin):
    """In the order of the alphabet."""

    intro = "Words that speak against a review. None of them rejects anything alone: they add up, and a person looks."
    empty = ("No such word", "Add one with the button above.")
    verbs = VERBS
    tones = {"SEVERE": "bad", "SUSPECT": "warn"}
    state_field = "severity"
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("spam", "Spam", of(Category.SPAM)),
        Tab("abuse", "Abuse", of(Category.ABUSE)),
        Tab("off_topic", "Off topic", of(Category.OFF_TOPIC)),
    )
    list_display = ("word", "category", "severity_", "added_by", "added")
    list_display_links = ("word",)
    ordering = ("word",)
    search_fields = ("id",)
    search_help_text = "How the word begins"

    @display(description="Severity")
    def severity_(self, row: DenyWord) -> Any:
        return self.state_of(row)

    @display(description="Added")
    def added(self, row: DenyWord) -> Any:
        return moment(row.added_at)

    def search(self, rows: QuerySet[DenyWord], term: Term) -> QuerySet[DenyWord]:
        return rows.filter(pk=term.uuid) if term.uuid else rows.filter(word__startswith=stored(term.text) or "\x7f")

    def label_of(self, row: DenyWord) -> str:
        return f"“{row.word}”"

    def sections(self, request: HttpRequest, row: DenyWord) -> Sequence[Any]:
        facts = (
            ("Speaks of", row.get_category_display()),
            ("Added by", row.added_by),
            ("Added", moment(row.added_at, full=True)),
        )
        return (Facts("Deny word", facts),)
