"""The queue as moderators work through it: one review at a time, the longest-waiting first, and on to the next."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from reviews.moderation.history import found_in_words, latest_decisions
from reviews.moderation.models import ModerationDecision
from reviews.moderation.showing import author_facts, flags_table, opening_of, others_table, signals_table, stars, state_badge
from reviews.moderation.states import RejectionReason
from reviews.moderation.undoing import last_decided
from reviews.moderation.verbs import APPROVE, FINE, REJECT, UNDO
from reviews.submissions.models import Review
from reviews.submissions.states import ReviewState
from shop.console.directory import link_to, names_of
from shop.console.paging import MOST_COUNTED, capped_count
from shop.console.verbs import version_of
from shop.messaging.context import current_actor

if TYPE_CHECKING:
    from reviews.moderation.admin import ReviewAdmin

VIEWS: Final = {"all": "Everything", "queued": "New", "flagged": "Flagged"}
LONGEST_NOTE: Final = 200
Place = tuple[datetime, UUID]


@require_safe
def queue(request: HttpRequest, admin: ReviewAdmin) -> HttpResponse:
    """The next review that waits. ``of`` narrows it to new or flagged ones, ``after`` is what was skipped."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    which = request.GET.get("of", "")
    which = which if which in VIEWS else "all"
    waiting = _waiting(which)
    skipped = _place(request.GET.get("after", ""))
    review = _behind(waiting, skipped).order_by("waiting_since", "id").first()
    here = _address(which, skipped)
    total = capped_count(waiting)
    context = {
        **admin.admin_site.each_context(request),
        "title": "Review queue",
        "opts": admin.opts,
        "views": [(name, label, _address(name), name == which) for name, label in VIEWS.items()],
        "waiting": f"{MOST_COUNTED:,}+" if total > MOST_COUNTED else f"{total:,}",
        "some_skipped": skipped is not None,
        "start": _address(which),
        "undo": _undo(request, admin, here),
        "list_url": admin.list_url(),
        **(_shown(request, admin, review, which, here) if review else {"review": None}),
    }
    return TemplateResponse(request, "reviews/queue.html", context)


def _waiting(which: str) -> QuerySet[Review]:
    rows = Review.objects.filter(waiting_since__isnull=False)
    states = {"queued": ReviewState.QUEUED, "flagged": ReviewState.FLAGGED}
    return rows.filter(state=states[which]) if which in states else rows


def _place(text: str) -> Place | None:
    at, _, identifier = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(identifier)) if moment.tzinfo else None
    except ValueError:
        return None


def _behind(rows: QuerySet[Review], place: Place | None) -> QuerySet[Review]:
    if place is None:
        return rows
    at, identifier = place
    return rows.filter(Q(waiting_since__gt=at) | Q(waiting_since=at, id__gt=identifier), waiting_since__gte=at)


def _address(which: str, place: Place | None = None) -> str:
    asked = {} if which == "all" else {"of": which}
    if place:
        asked["after"] = f"{place[0].isoformat()}~{place[1]}"
    address = reverse("admin:reviews_review_queue")
    return f"{address}?{urlencode(asked)}" if asked else address


def _undo(request: HttpRequest, admin: ReviewAdmin, here: str) -> dict[str, Any] | None:
    last = last_decided(current_actor()) if admin.may(request, UNDO) else None
    review = Review.objects.filter(pk=last).first() if last else None
    if review is None or UNDO.refusal(review):
        return None
    verdict = ModerationDecision.objects.filter(review_id=review.pk).latest("id")
    url = admin.verb_url(UNDO, ids=str(review.pk), next=here)
    return {
        "what": opening_of(review, 60),
        "verdict": verdict.get_verdict_display().lower(),
        "at": verdict.decided_at,
        "url": url,
    }


def _shown(request: HttpRequest, admin: ReviewAdmin, review: Review, which: str, here: str) -> dict[str, Any]:
    decision = latest_decisions([review.pk]).get(review.pk)
    name = names_of("product", [review.product_id]).get(review.product_id)
    assert review.waiting_since is not None
    return {
        "review": review,
        "heading": review.title or "Without a title",
        "stars": stars(review.rating),
        "state": state_badge(str(review.state)),
        "product": link_to("product", review.product_id, name or "a product of the past"),
        "page_of_it": admin.url_of(review.pk),
        "sections": [signals_table(decision), flags_table(review), author_facts(review), others_table(review)],
        "why": found_in_words(decision, 3),
        "seen": f"{review.pk}:{version_of(review)}",
        "next": here,
        "skip": _address(which, (review.waiting_since, review.pk)),
        "approve_url": admin.verb_url(APPROVE) if admin.may(request, APPROVE) else "",
        "reject_url": admin.verb_url(REJECT) if admin.may(request, REJECT) else "",
        "fine": FINE,
        "grounds": RejectionReason.choices,
        "suspected": decision.reason if decision else "",
        "note": found_in_words(decision)[:LONGEST_NOTE],
    }
