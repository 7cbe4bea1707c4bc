"""Reviews: what moderators decide, the words they watch for, and the upkeep of ratings."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Command, Part
from shop.contracts.fields import Count, Limit, Reason, Text, Uuid
from shop.contracts.reviews import OWNER, PublishedStatus, RejectionReason

# What somebody moderating sees; the published status says less.
ReviewStateName = Literal["SUBMITTED", "QUEUED", "PUBLISHED", "FLAGGED", "REJECTED"]
WordCategory = Literal["spam", "abuse", "off_topic"]
# SUSPECT adds to the score; SEVERE adds more and counts as evidence.
WordSeverity = Literal["SUSPECT", "SEVERE"]
DenyWordText = Annotated[Text, Field(min_length=2, max_length=60)]


class DecidedReview(Part):
    """A review after somebody decided about it."""

    review_id: Uuid
    status: PublishedStatus
    state: ReviewStateName


class ApproveReview(Command):
    """A person lets a review be seen. Open flags are dismissed with it; later ones do not undo it for a while."""

    owner = OWNER
    key = "review_id"
    response = DecidedReview

    review_id: Uuid
    note: Reason | None = None


class RejectReview(Command):
    """A person decides that a review is not, or no longer, to be seen. Open flags are upheld with it."""

    owner = OWNER
    key = "review_id"
    response = DecidedReview

    review_id: Uuid
    reason: RejectionReason
    note: Reason | None = None


class DismissReviewFlags(Command):
    """A person finds nothing wrong with a flagged review: it stays, and its flags are closed."""

    owner = OWNER
    key = "review_id"
    response = DecidedReview

    review_id: Uuid
    note: Reason | None = None


class UndoModeration(Command):
    """Take back one's own last decision about a review, within ``REVIEWS_UNDO_MINUTES``. It is then as it was before."""

    owner = OWNER
    key = "review_id"
    response = DecidedReview

    review_id: Uuid
    note: Reason | None = None


class DenyWordView(Part):
    """A word or phrase that speaks against a review. One that ends in ``*`` stands for everything that begins so."""

    word_id: Uuid
    word: DenyWordText
    category: WordCategory
    severity: WordSeverity


class AddDenyWord(Command):
    """Watch for a word or phrase from now on. Adding one that is there sets its category and severity."""

    owner = OWNER
    response = DenyWordView

    word: DenyWordText
    category: WordCategory
    severity: WordSeverity


class RemoveDenyWord(Command):
    """Watch for a word no longer. What was decided because of it stays decided."""

    owner = OWNER
    key = "word_id"

    word_id: Uuid
    reason: Reason | None = None


class RefreshRatings(Command):
    """Bring what Redis says about ratings up to the database, for those that are behind."""

    owner = OWNER

    limit: Limit = 1_000


class RatingsRebuilt(Part):
    """How many products were gone through, how many were wrong, and where to go on; no ``next`` when that was all."""

    products: Count
    corrected: Count
    next: Uuid | None = None


class RebuildRatings(Command):
    """Count the ratings of the next products after ``after`` anew from their reviews, and have Redis told."""

    owner = OWNER
    response = RatingsRebuilt

    after: Uuid | None = None
    limit: Limit = 500
