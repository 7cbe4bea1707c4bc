"""What moderators do in the back office: one by one with the keyboard's buttons, in bulk, and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from reviews.models import DenyWord, ModerationDecision, Review
from shop.contracts.moderation import UndoModeration
from shop.contracts.reviews import ReviewPublished, ReviewWithdrawn
from shop.messaging.bus import execute
from shop.messaging.context import acting
from shop.messaging.errors import Refused
from shop.messaging.models import OperatorAction
from tests.console.buttons import send
from tests.reviews.desk import (
    ANGRY,
    FINE,
    approve,
    assert_sound,
    decisions_of,
    facts,
    flag,
    page,
    product,
    reject,
    reviewed,
    state_of,
    submit,
    words,
    work,
)

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)> you liars and idiots"
QUEUE = "/admin/reviews/review/queue/"


@pytest.fixture(autouse=True)
def _words() -> None:
    words()


@pytest.fixture
def mo() -> Client:
    """Signed in as a moderator."""
    return signed_in("mo", "moderator")


def signed_in(name: str, *roles: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form_of(answer: Any, **given: Any) -> dict[str, Any]:
    """What the buttons of the queue page send."""
    context = answer.context
    return {"seen": context["seen"], "next": context["next"], "reason": context["fine"], **given}


def test_approve_and_next_leads_through_the_queue_oldest_first(mo: Client):
    lamp = product()
    first, second = reviewed(lamp, ANGRY), reviewed(lamp, ANGRY.replace("handle", "lid"))
    assert (first.state, second.state) == ("QUEUED", "QUEUED")

    shown = mo.get(QUEUE)
    assert shown.context["review"] == first
    done = mo.post(shown.context["approve_url"], form_of(shown))
    assert (done.status_code, done.headers["Location"]) == (302, QUEUE)
    shown = mo.get(done.headers["Location"])
    assert shown.context["review"] == second
    mo.post(shown.context["reject_url"], form_of(shown, why="abuse", reason="calls people names"))

    assert mo.get(QUEUE).context["review"] is None
    assert (state_of(first.pk), state_of(second.pk)) == ("PUBLISHED", "REJECTED")
    assert decisions_of(second.pk)[-1] == ("REJECT", "staff:mo")
    assert ModerationDecision.objects.latest("id").note == "calls people names"
    assert [action.verb for action in OperatorAction.objects.order_by("id")] == ["review.approve", "review.reject"]
    work()
    assert_sound()


def test_what_is_skipped_comes_back_at_the_end(mo: Client):
    lamp = product()
    first, second = reviewed(lamp, ANGRY), reviewed(lamp, ANGRY.replace("handle", "lid"))

    after_first = mo.get(mo.get(QUEUE).context["skip"])
    after_second = mo.get(after_first.context["skip"])

    assert after_first.context["review"] == second
    assert after_second.context["review"] is None
    assert "Begin again" in after_second.content.decode()
    assert mo.get(after_second.context["start"]).context["review"] == first


def test_the_page_says_why_who_and_how_long(mo: Client):
    lamp = product()
    author = reviewed(lamp, ANGRY, title="Broken").customer_id
    reviewed(product(), "Sits well, reads well, and the paper is thick enough for ink.", customer=author)

    text = mo.get(QUEUE).content.decode()

    for told in (
        "Broken",
        "Insults or threatens: “liars”",
        "Other reviews of its author",
        "★★★★☆ 4",
        "waiting since",
        "Approve and next",
    ):
        assert told in text
    assert "<kbd" in text


def test_of_two_moderators_the_slower_is_told(mo: Client):
    review = reviewed(product(), ANGRY)
    shown = mo.get(QUEUE)

    approve(review.pk, by="staff:else")
    answer = mo.post(shown.context["reject_url"], form_of(shown, why="spam"))

    assert answer.status_code == 409
    assert "It has changed since you looked" in answer.content.decode()
    assert state_of(review.pk) == "PUBLISHED"


def test_the_last_decision_is_taken_back_with_flags_and_rating(mo: Client):
    lamp = product()
    review = reviewed(lamp)
    flag(review.pk)
    work()
    shown = mo.get(f"{QUEUE}?of=flagged")
    mo.post(shown.context["reject_url"], form_of(shown, why="off_topic", reason="not about the lamp"))
    work()
    assert (state_of(review.pk), page(lamp).total) == ("REJECTED", 0)

    undo = mo.get(QUEUE).context["undo"]
    done = send(mo, Review, "undo", [Review.objects.get()], reason="wrong button")

    assert undo["verdict"] == "rejected"
    assert done.status_code == 302
    work()
    assert (state_of(review.pk), page(lamp).total) == ("FLAGGED", 1)
    assert Review.objects.get().flags.get().outcome == "OPEN"
    assert len(facts(ReviewPublished)) == 2
    assert mo.get(QUEUE).context["undo"] is None
    assert_sound()


def test_an_approval_that_is_taken_back_withdraws_the_review():
    lamp = product()
    review = reviewed(lamp, ANGRY)
    approve(review.pk)
    work()
    assert page(lamp).total == 1

    with acting("staff:mo"):
        execute(UndoModeration(review_id=review.pk))
    work()

    assert (state_of(review.pk), page(lamp).total) == ("QUEUED", 0)
    assert [fact.review_id for fact in facts(ReviewWithdrawn)] == [review.pk]
    assert_sound()


def test_only_ones_own_fresh_last_decision_is_taken_back(settings: Any):
    review = reviewed(product(), ANGRY)
    approve(review.pk)

    for actor, minutes, why in (("staff:else", 15, "staff:mo's"), ("staff:mo", 0, "minutes ago")):
        settings.REVIEWS_UNDO_MINUTES = minutes
        with acting(actor), pytest.raises(Refused, match=why):
            execute(UndoModeration(review_id=review.pk))

    settings.REVIEWS_UNDO_MINUTES = 15
    with acting("staff:mo"):
        execute(UndoModeration(review_id=review.pk))
        with pytest.raises(Refused, match="nothing a person could take back"):
            execute(UndoModeration(review_id=review.pk))
    assert state_of(review.pk) == "QUEUED"


def test_in_bulk_every_row_reports_and_has_its_own_decision(mo: Client):
    lamp = product()
    angry = [reviewed(lamp, ANGRY.replace("handle", part)) for part in ("handle", "lid", "foot")]
    reject(angry[0].pk)

    answer = send(mo, Review, "reject", [Review.objects.get(pk=one.pk) for one in angry], why="abuse", reason="a brawl")

    assert (answer.context["succeeded"], answer.context["refused_count"]) == (2, 1)
    assert {state_of(one.pk) for one in angry} == {"REJECTED"}
    assert ModerationDecision.objects.filter(verdict="REJECT", note="a brawl").count() == 2
    assert send(mo, Review, "reject", [Review.objects.get(pk=angry[1].pk)], reason="no ground").status_code == 422


def test_flags_are_dismissed(mo: Client):
    review = reviewed(product())
    flag(review.pk)
    work()

    assert send(mo, Review, "dismiss", [Review.objects.get()]).status_code == 302

    assert (state_of(review.pk), Review.objects.get().flag_count) == ("PUBLISHED", 0)
    assert review.flags.get().outcome == "DISMISSED"
    work()
    assert_sound()


def test_script_in_a_review_is_inert_everywhere(mo: Client):
    review = reviewed(product(), SCRIPT, title="<script>alert(2)</script>")
    other = submit(product(), SCRIPT, customer=review.customer_id)
    decision = ModerationDecision.objects.get(review=review)

    for address in (
        QUEUE,
        "/admin/reviews/review/?tab=all",
        f"/admin/reviews/review/{review.pk}/change/",
        f"/admin/reviews/review/{other}/change/",
        f"/admin/reviews/review/verbs/reject/?ids={review.pk}",
        "/admin/reviews/moderationdecision/?tab=all",
        f"/admin/reviews/moderationdecision/{decision.pk}/change/",
        f"/admin/find/?q={review.pk}",
    ):
        text = mo.get(address).content.decode()
        assert "&lt;script&gt;" in text, address
        assert "<script>alert" not in text, address
        assert "<img src=x" not in text, address


def test_odd_addresses_of_the_queue_are_no_error(mo: Client):
    reviewed(product(), ANGRY)
    for query in (
        "after=x",
        "after=2026-01-01~x",
        "after=\x00~\x00",
        "of=nonsense",
        "after=2026-01-01T00:00:00~" + "0" * 36,
        "of=\x00",
    ):
        assert mo.get(f"{QUEUE}?{query}").status_code == 200
    assert mo.post(QUEUE).status_code == 405


@pytest.mark.parametrize(
    ("role", "see", "decide"), [("support", 200, False), ("moderator", 200, True), ("warehouse", 403, False)]
)
def test_who_may_see_and_who_may_decide(role: str, see: int, decide: bool):
    reviewed(product(), ANGRY)

    answer = signed_in("somebody", role).get(QUEUE)

    assert answer.status_code == see
    if see == 200:
        assert bool(answer.context["approve_url"]) is decide
        assert ("Approve and next" in answer.content.decode()) is decide
    assert Client().get(QUEUE).status_code == 302


def test_moderators_keep_the_deny_words(mo: Client):
    before = DenyWord.objects.count()
    given = {"word": "Zwölf-Kräuter Wunder*", "category": "spam", "severity": "SEVERE", "reason": "a wave of it"}

    assert send(mo, DenyWord, "watch", [], **given).status_code == 302
    word = DenyWord.objects.get(word="zwolf krauter wunder*")
    assert reviewed(product(), "Besser als die Zwolf! Krauter! WUNDERKUR!").state == "QUEUED"
    send(mo, DenyWord, "watch", [], **{**given, "severity": "SUSPECT"})
    assert DenyWord.objects.get(pk=word.pk).severity == "SUSPECT"
    assert send(mo, DenyWord, "forget", [DenyWord.objects.get(pk=word.pk)]).status_code == 302

    assert DenyWord.objects.count() == before
    assert reviewed(product(), "Besser als die Zwolf! Krauter! WUNDERKUR!").state == "PUBLISHED"
    assert send(mo, DenyWord, "watch", [], **{**given, "word": "…!"}).status_code in {409, 422}
    verbs = [action.verb for action in OperatorAction.objects.order_by("id")]
    assert verbs == ["denyword.watch", "denyword.watch", "denyword.forget"]


def test_the_dashboard_counts_what_waits(mo: Client):
    reviewed(product(), ANGRY)
    review = reviewed(product(), FINE)
    flag(review.pk)
    work()

    waiting = {one.title: (one.count, one.oldest is not None) for one in mo.get(reverse("admin:index")).context["waiting"]}

    assert waiting["Reviews to look at"] == (1, True)
    assert waiting["Flagged reviews"] == (1, True)


def test_the_lists_find_by_product_customer_and_person(mo: Client):
    review = reviewed(product(), ANGRY)
    approve(review.pk)
    for model, term in ((Review, review.product_id), (Review, review.customer_id), (Review, review.pk)):
        rows = mo.get(f"/admin/reviews/{model._meta.model_name}/", {"q": str(term)}).context["cl"].result_list
        assert [row.pk for row in rows] == [review.pk]
    decisions = mo.get("/admin/reviews/moderationdecision/", {"q": "staff:mo"}).context["cl"].result_list
    assert [row.decided_by for row in decisions] == ["staff:mo"]
