"""What words and other signals speak of, and how strongly."""

from django.db.models import TextChoices


class Category(TextChoices):
    SPAM = "spam", "Spam"
    ABUSE = "abuse", "Abuse"
    OFF_TOPIC = "off_topic", "Off topic"


class Severity(TextChoices):
    SUSPECT = "SUSPECT", "Suspect"  # adds to the score
    SEVERE = "SEVERE", "Severe"  # adds more, and is evidence
