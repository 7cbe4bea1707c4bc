"""What a review can be."""

from django.db.models import TextChoices


class ReviewState(TextChoices):
    SUBMITTED = "SUBMITTED", "Submitted"  # → PUBLISHED, QUEUED, REJECTED: it is being screened
    QUEUED = "QUEUED", "Queued"  # → PUBLISHED, REJECTED: a person has to look
    PUBLISHED = "PUBLISHED", "Published"  # → FLAGGED, REJECTED; → QUEUED, FLAGGED when an approval is taken back
    FLAGGED = "FLAGGED", "Flagged"  # → PUBLISHED, REJECTED: seen by everybody, and reported
    REJECTED = "REJECTED", "Rejected"  # → PUBLISHED; → QUEUED, FLAGGED when a rejection is taken back


# What everybody sees and what counts towards a rating.
VISIBLE = (ReviewState.PUBLISHED, ReviewState.FLAGGED)
# The published words for the states: a client is not told that a person is looking, nor that somebody complained.
IN_PUBLIC = {
    ReviewState.SUBMITTED: "submitted",
    ReviewState.QUEUED: "submitted",
    ReviewState.PUBLISHED: "published",
    ReviewState.FLAGGED: "published",
    ReviewState.REJECTED: "rejected",
}
