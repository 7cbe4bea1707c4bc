from django.db.models import TextChoices


class ImportState(TextChoices):
    STAGING = "STAGING", "Being read"  # → ready, refused, cancelled
    READY = "READY", "To confirm"  # → applying, cancelled
    APPLYING = "APPLYING", "Being applied"  # → applied, cancelled
    APPLIED = "APPLIED", "Applied"
    REFUSED = "REFUSED", "Refused"
    CANCELLED = "CANCELLED", "Cancelled"


class RowKind(TextChoices):
    NEW = "NEW", "New"  # → skipped
    CHANGED = "CHANGED", "Changed"  # → skipped
    UNCHANGED = "UNCHANGED", "Unchanged"
    REJECTED = "REJECTED", "Rejected"
    SKIPPED = "SKIPPED", "Skipped"
