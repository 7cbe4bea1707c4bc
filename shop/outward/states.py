from django.db.models import TextChoices


class EndpointState(TextChoices):
    ACTIVE = "ACTIVE", "Active"  # → DISABLED, by somebody or after too many failures in a row
    DISABLED = "DISABLED", "Disabled"  # → ACTIVE, by somebody


class SendingState(TextChoices):
    PENDING = "PENDING", "Waiting"  # → DELIVERED, FAILED
    DELIVERED = "DELIVERED", "Delivered"  # → PENDING (redelivered)
    FAILED = "FAILED", "Failed"  # → PENDING (redelivered)
