"""What became of a report."""

from django.db.models import TextChoices


class FlagOutcome(TextChoices):
    OPEN = "OPEN", "Open"  # → UPHELD, DISMISSED
    UPHELD = "UPHELD", "Upheld"  # the review was rejected
    DISMISSED = "DISMISSED", "Dismissed"  # the review stays


class FlagReason(TextChoices):
    """Why somebody reports a review. The published reasons."""

    SPAM = "spam", "Spam"
    ABUSE = "abuse", "Abuse"
    OFF_TOPIC = "off_topic", "Off topic"
    INAPPROPRIATE = "inappropriate", "Inappropriate"
    OTHER = "other", "Other"
