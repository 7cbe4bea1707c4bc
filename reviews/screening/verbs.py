"""What a moderator can do to the list of deny words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from reviews.screening.models import DenyWord
from reviews.screening.states import Category, Severity
from shop.console.verbs import CommandVerb, ReasonForm
from shop.contracts.base import Command
from shop.contracts.moderation import AddDenyWord, RemoveDenyWord


class WordForm(ReasonForm):
    """A word or phrase and what it speaks of."""

    word = forms.CharField(
        label="Word or phrase",
        min_length=2,
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text="Capitals, accents and signs do not matter. With * at its end it stands for everything that begins so.",
    )
    category = forms.ChoiceField(label="Speaks of", choices=Category.choices, widget=UnfoldAdminSelectWidget)
    severity = forms.ChoiceField(
        choices=Severity.choices,
        widget=UnfoldAdminSelectWidget,
        help_text="Suspect adds some points, so that two bring a person. Severe brings one alone, and is evidence.",
    )
    field_order = ("word", "category", "severity", "reason")


class Watch(CommandVerb):
    """Add a word, or change one."""

    name, label, icon = "watch", "Add a word", "add"
    meaning = "Watches for it in every review screened from now on. A word that is there already gets what you choose here."
    form = WordForm
    on_list = True

    def command(self, row: None, given: Mapping[str, Any]) -> Command:
        return AddDenyWord(word=given["word"], category=given["category"], severity=given["severity"])

    def sentence(self, row: None, answer: Any) -> str:
        return f"“{answer.word}” is watched for."

    def target_of(self, answer: Any) -> Any:
        return answer.word_id


class Forget(CommandVerb):
    """Remove a word."""

    name, label, icon, tone = "forget", "Remove", "delete", "bad"
    meaning = "Watches for it no longer. What was decided because of it stays decided."
    audited = True

    def command(self, row: DenyWord, given: Mapping[str, Any]) -> Command:
        return RemoveDenyWord(word_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: DenyWord, answer: Any) -> str:
        return "it is watched for no longer."


VERBS = (Watch(), Forget())
