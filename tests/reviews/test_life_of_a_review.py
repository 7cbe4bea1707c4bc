"""From submission to the reader's page, and what can happen on the way."""

import pytest
from uuid_utils.compat import uuid7

from reviews.models import ModerationDecision, Review
from shop.contracts.reviews import (
    RatingUpdated,
    ReviewFlagged,
    ReviewHelpfulVoted,
    ReviewPublished,
    ReviewRejected,
    ReviewSubmitted,
)
from shop.messaging.errors import Invalid, Missing, Refused
from tests.reviews.desk import (
    ANGRY,
    FINE,
    SPAM,
    approve,
    assert_sound,
    decisions_of,
    facts,
    flag,
    page,
    product,
    rating,
    reject,
    reviewed,
    state_of,
    submit,
    vote,
    words,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _words() -> None:
    words()


def test_an_honest_review_is_published_and_counts():
    lamp = product()

    review_id = submit(lamp, title="Good", rating=5)

    assert state_of(review_id) == "SUBMITTED"
    assert page(lamp).results == []
    work()
    assert state_of(review_id) == "PUBLISHED"
    (shown,) = page(lamp).results
    assert (shown.review_id, shown.title, shown.body, shown.rating) == (review_id, "Good", FINE, 5)
    assert (page(lamp).total, page(lamp).average_rating) == (1, 5.0)
    assert [fact.review_id for fact in facts(ReviewSubmitted)] == [review_id]
    assert [fact.review_id for fact in facts(ReviewPublished)] == [review_id]
    assert [(fact.review_count, fact.average_rating) for fact in facts(RatingUpdated)] == [(1, 5.0)]
    assert decisions_of(review_id) == [("PUBLISH", "system:screening")]
    assert_sound()


def test_unmistakable_spam_is_rejected_with_its_signals():
    lamp = product()

    review = reviewed(lamp, SPAM)

    assert review.state == "REJECTED"
    assert [fact.reason for fact in facts(ReviewRejected)] == ["spam"]
    signals = ModerationDecision.objects.get().signals
    assert len({signal["kind"] for signal in signals if signal["evidence"]}) >= 2
    assert all(signal["words"].endswith(".") for signal in signals)
    assert page(lamp).total == 0
    assert rating(lamp) == (0, None)
    assert_sound()


def test_what_may_be_honest_waits_for_a_person_who_decides():
    lamp = product()
    first, second = reviewed(lamp, ANGRY), reviewed(lamp, ANGRY.replace("handle", "lid"))
    assert (first.state, second.state) == ("QUEUED", "QUEUED")
    assert first.waiting_since is not None

    approve(first.pk)
    reject(second.pk, reason="abuse")
    work()

    assert (state_of(first.pk), state_of(second.pk)) == ("PUBLISHED", "REJECTED")
    assert decisions_of(first.pk) == [("QUEUE", "system:screening"), ("PUBLISH", "staff:mo")]
    assert page(lamp).total == 1
    assert_sound()


def test_one_review_per_customer_and_product_and_a_repeat_changes_nothing():
    lamp, ada = product(), uuid7()
    review_id = submit(lamp, customer=ada)

    assert submit(lamp, "Something else entirely, quite unlike the first.", customer=ada, review_id=review_id) == review_id
    with pytest.raises(Refused, match="reviewed this product") as second:
        submit(lamp, customer=ada)
    with pytest.raises(Refused, match="taken"):
        submit(lamp, review_id=review_id)

    assert second.value.data == {"reviewId": str(review_id)}
    assert Review.objects.get().body == FINE
    assert len(facts(ReviewSubmitted)) == 1


def test_only_products_of_the_catalogue_can_be_reviewed_and_not_with_nothing():
    with pytest.raises(Missing):
        submit(uuid7())
    with pytest.raises(Invalid):
        submit(product(), " \n ")
    assert Review.objects.count() == 0


def test_two_flags_bring_a_person_who_dismisses_them_and_is_not_asked_again():
    lamp = product()
    review = reviewed(lamp)

    flag(review.pk, reason="other")
    work()
    assert state_of(review.pk) == "FLAGGED"
    assert page(lamp).total == 1
    flag(review.pk)
    work()
    assert Review.objects.get().flag_count == 2
    approve(review.pk)
    work()
    assert (state_of(review.pk), Review.objects.get().flag_count) == ("PUBLISHED", 0)

    for _ in range(3):
        flag(review.pk)
        work()

    assert state_of(review.pk) == "PUBLISHED"
    assert Review.objects.get().flag_count == 0
    assert [fact.flag_count for fact in facts(ReviewFlagged)] == [1, 2, 1, 1, 1]
    assert len(facts(ReviewPublished)) == 1
    assert_sound()


def test_a_flag_counts_once_per_customer_and_never_for_ones_own_review():
    ada = uuid7()
    review = reviewed(product(), customer=ada)
    bob = flag(review.pk)

    flag(review.pk, by=bob, reason="spam")
    with pytest.raises(Refused, match="own"):
        flag(review.pk, by=ada)
    with pytest.raises(Missing):
        flag(uuid7())

    assert Review.objects.get().flag_count == 1
    assert len(facts(ReviewFlagged)) == 1


def test_a_flagged_review_that_is_rejected_leaves_the_rating():
    lamp = product()
    review = reviewed(lamp, rating=1)
    reviewed(lamp, "Bright enough to read by, sturdy foot, and it came well packed.", rating=5)
    flag(review.pk)
    work()

    reject(review.pk, reason="off_topic")
    work()

    assert (page(lamp).total, page(lamp).average_rating) == (1, 5.0)
    assert rating(lamp) == (1, 5.0)
    assert review.flags.get().outcome == "UPHELD"
    with pytest.raises(Missing):
        flag(review.pk)
    assert_sound()


def test_votes_count_once_and_can_be_taken_back():
    ada, bob = uuid7(), uuid7()
    review = reviewed(product(), customer=ada)

    counts = [vote(review.pk, by=bob), vote(review.pk, by=bob), vote(review.pk)]
    counts += [vote(review.pk, by=bob, vote="remove"), vote(review.pk, by=bob, vote="remove")]

    assert counts == [1, 1, 2, 1, 1]
    assert [fact.helpful_count for fact in facts(ReviewHelpfulVoted)] == [1, 2, 1]
    with pytest.raises(Refused, match="own"):
        vote(review.pk, by=ada)
    assert_sound()
