"""What can be decided about a review, and why."""

from django.db.models import TextChoices


class Verdict(TextChoices):
    PUBLISH = "PUBLISH", "Published"
    QUEUE = "QUEUE", "Left to a person"
    KEEP = "KEEP", "Kept despite flags"
    REJECT = "REJECT", "Rejected"
    UNDO = "UNDO", "Taken back"


class RejectionReason(TextChoices):
    """Why a review is not to be seen. The published reasons."""

    SPAM = "spam", "Spam"
    ABUSE = "abuse", "Abuse"
    OFF_TOPIC = "off_topic", "Off topic"
    POLICY_VIOLATION = "policy_violation", "Against the rules in another way"
