"""Reviews and what was decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display

from reviews.moderation.history import NOBODY, authors, found_in_words, latest_decisions
from reviews.moderation.models import ModerationDecision
from reviews.moderation.queue import queue
from reviews.moderation.showing import (
    TONES,
    author_facts,
    decisions_table,
    flags_table,
    opening_of,
    others_table,
    signals_table,
    stars,
    state_badge,
)
from reviews.moderation.states import Verdict
from reviews.moderation.verbs import VERBS
from reviews.submissions.models import Review
from reviews.submissions.states import VISIBLE, ReviewState
from shop.console.base import OpsModelAdmin, Tab
from shop.console.directory import Kind, find, link_to, names_of, register
from shop.console.formats import badge, clamped, moment
from shop.console.sections import Facts, Said, Timeline
from shop.console.terms import Term
from shop.console.timeline import entries_about

OLDEST_FIRST = ("waiting_since", "id")


def waiting(**which: Any) -> Any:
    """Keeps what waits for a person, the longest-waiting first."""
    return lambda rows: rows.filter(waiting_since__isnull=False, **which).order_by(*OLDEST_FIRST)


@admin.register(Review)
class ReviewAdmin(OpsModelAdmin):
    """Default: what waits for a person, the longest-waiting first."""

    intro = "What customers say about products. Work through what waits one by one in the queue, or choose rows and act in bulk."
    empty = ("Nothing waits for you", "New reviews appear here when screening is not sure, published ones when they are flagged.")
    list_before_template = "reviews/list_before.html"
    verbs = VERBS
    tones = TONES
    state_field = "state"
    tabs = (
        Tab("waiting", "Waiting", waiting()),
        Tab("queued", "New", waiting(state=ReviewState.QUEUED)),
        Tab("flagged", "Flagged", waiting(state=ReviewState.FLAGGED)),
        Tab("published", "Published", lambda rows: rows.filter(state=ReviewState.PUBLISHED)),
        Tab("rejected", "Rejected", lambda rows: rows.filter(state=ReviewState.REJECTED)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("review", "rating_", "product", "state_", "found", "flags_", "author", "waits")
    list_display_links = ("review",)
    ordering = ("-submitted_at", "-id")
    search_fields = ("id",)
    search_help_text = "Review, product or customer id, product name or SKU, e-mail"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self._queue)
        return [path("queue/", view, name="reviews_review_queue"), *super().get_urls()]

    def _queue(self, request: HttpRequest) -> HttpResponse:
        return queue(request, self)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"queue_url": reverse("admin:reviews_review_queue"), **(extra_context or {})}
        return super().changelist_view(request, context)

    @display(description="Review")
    def review(self, row: Review) -> Any:
        return clamped(f"{row.title}: {row.body}" if row.title else row.body or "(no text)")

    @display(description="Stars")
    def rating_(self, row: Review) -> Any:
        return format_html('<span class="oc-time">{}</span>', stars(row.rating))

    @display(description="Product")
    def product(self, row: Any) -> Any:
        return link_to("product", row.product_id, row.product_name)

    @display(description="State")
    def state_(self, row: Review) -> Any:
        return self.state_of(row)

    @display(description="Why")
    def found(self, row: Any) -> Any:
        return f"{row.score}: {found_in_words(row.last_decision)}"

    @display(description="Flags")
    def flags_(self, row: Review) -> Any:
        return badge(str(row.flag_count), "warn") if row.flag_count else "—"

    @display(description="Author")
    def author(self, row: Any) -> Any:
        bought = "Bought it; " if row.verified else ""
        return f"{bought}{row.author_history.in_words}"

    @display(description="Waits")
    def waits(self, row: Review) -> Any:
        return moment(row.waiting_since) if row.waiting_since else moment(row.submitted_at)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        decided = latest_decisions([row.pk for row in rows])
        names = names_of("product", {row.product_id for row in rows})
        known = authors({row.customer_id for row in rows})
        for row in rows:
            row.last_decision = decided.get(row.pk)
            row.product_name = names.get(row.product_id, "a product of the past")
            row.author_history = known.get(row.customer_id, NOBODY)

    def search(self, rows: QuerySet[Review], term: Term) -> QuerySet[Review]:
        if term.uuid:
            return rows.filter(Q(pk=term.uuid) | Q(product_id=term.uuid) | Q(customer_id=term.uuid))
        if term.email:
            return rows.filter(customer_id__in=find("customer", term.text))
        return rows.filter(product_id__in=find("product", term.text))

    def label_of(self, row: Review) -> str:
        return opening_of(row)

    def subtitle_of(self, row: Any) -> str:
        return f"{stars(row.rating)} for {row.product_name}, review {row.pk}"

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        return (
            Said(row.body or "Its text was erased with its author.", "plain", row.title),
            Facts("Review", _facts(row)),
            signals_table(row.last_decision),
            flags_table(row),
            author_facts(row),
            others_table(row),
            decisions_table(row),
            Timeline("Timeline", entries_about(str(row.pk))),
        )


def _facts(row: Any) -> Sequence[tuple[str, Any]]:
    return (
        ("Stars", stars(row.rating)),
        ("Product", link_to("product", row.product_id, row.product_name)),
        ("Can be seen", "yes" if row.state in VISIBLE else "no"),
        ("Score", str(row.score)),
        ("Open flags", str(row.flag_count)),
        ("Helpful votes", str(row.helpful_count)),
        ("Submitted", moment(row.submitted_at, full=True)),
        ("Published", moment(row.published_at, full=True)),
        ("Waits for a person", moment(row.waiting_since, full=True)),
        ("Approved by a person", moment(row.approved_at, full=True)),
    )


@admin.register(ModerationDecision)
class ModerationDecisionAdmin(OpsModelAdmin):
    """Default: what people decided."""

    intro = "Every decision about a review: what, why, by whom. Nothing here changes; a decision is taken back by another one."
    empty = ("No decisions", "They appear when reviews are screened or moderated.")
    state_field = "verdict"
    tones = {"PUBLISH": "good", "QUEUE": "warn", "KEEP": "good", "REJECT": "bad", "UNDO": "plain"}
    tabs = (
        Tab("people", "By people", lambda rows: rows.filter(by_person=True)),
        Tab("rejected", "Rejections", lambda rows: rows.filter(verdict=Verdict.REJECT)),
        Tab("undone", "Taken back", lambda rows: rows.filter(verdict=Verdict.UNDO)),
        Tab("all", "All", lambda rows: rows),
    )
    list_display = ("number", "verdict_", "about", "reason_", "note_", "score", "decided_by", "when")
    list_display_links = ("number",)
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = "Number of the decision, review id, or who decided (staff:name)"

    @display(description="Decision")
    def number(self, row: ModerationDecision) -> str:
        return f"#{row.pk}"

    @display(description="What")
    def verdict_(self, row: ModerationDecision) -> Any:
        return self.state_of(row)

    @display(description="Review")
    def about(self, row: Any) -> Any:
        return link_to("review", row.review_id, row.review_opening)

    @display(description="Ground")
    def reason_(self, row: ModerationDecision) -> str:
        return row.get_reason_display() or "—"

    @display(description="Note")
    def note_(self, row: ModerationDecision) -> Any:
        return clamped(row.note or found_in_words(row))

    @display(description="When")
    def when(self, row: ModerationDecision) -> Any:
        return moment(row.decided_at)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        reviews = Review.objects.in_bulk({row.review_id for row in rows})
        for row in rows:
            row.review_opening = opening_of(reviews[row.review_id], 60)

    def search(self, rows: QuerySet[ModerationDecision], term: Term) -> QuerySet[ModerationDecision]:
        if term.uuid:
            return rows.filter(review_id=term.uuid)
        if term.number is not None:
            return rows.filter(pk=term.number)
        return rows.filter(decided_by=term.text, by_person=True)

    def label_of(self, row: Any) -> str:
        return f"Decision #{row.pk}"

    def subtitle_of(self, row: Any) -> str:
        return row.review_opening

    def history_of(self, row: Any) -> Sequence[str]:
        return ()

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Any]:
        facts = (
            ("Review", link_to("review", row.review_id, row.review_opening)),
            ("It was", state_badge(row.state_before)),
            ("It became", state_badge(row.state_after)),
            ("Ground", row.get_reason_display()),
            ("Note", row.note),
            ("Decided by", row.decided_by),
            ("When", moment(row.decided_at, full=True)),
            ("Takes back", link_to("decision", row.undoes_id, f"#{row.undoes_id}")),
            ("Caused by", link_to("message", row.message_id, "message")),
        )
        return (Facts("Decision", facts), signals_table(row))


def review_names(ids: Any) -> Any:
    """Reviews are called by their title or beginning."""
    return {review.pk: opening_of(review, 60) for review in Review.objects.filter(pk__in=ids)}


register(Kind("review", "reviews_review", "reviews.view_review", review_names))
register(Kind("decision", "reviews_moderationdecision", "reviews.view_moderationdecision"))
