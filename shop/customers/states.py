"""The states of a customer."""

from django.db.models import TextChoices


class CustomerState(TextChoices):
    """Whether a customer may log in and buy."""

    ACTIVE = "ACTIVE", "Active"  # → SUSPENDED, CLOSED
    SUSPENDED = "SUSPENDED", "Suspended"  # → ACTIVE, CLOSED
    CLOSED = "CLOSED", "Closed"  # final


class VerificationPurpose(TextChoices):
    """What a token confirms."""

    EMAIL = "EMAIL", "Another e-mail address"
    PASSWORD = "PASSWORD", "Another password"
