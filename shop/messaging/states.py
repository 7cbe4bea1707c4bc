from django.db.models import TextChoices


class DeliveryStatus(TextChoices):
    OPEN = "open", "Open"  # → leased, done, dead, discarded
    LEASED = "leased", "Being worked on"  # → done, open (failed, or the lease ran out), dead
    DONE = "done", "Done"  # → open (replayed)
    DEAD = "dead", "Dead"  # → open (retried), discarded
    DISCARDED = "discarded", "Discarded"  # → open (retried)


class ChangeKind(TextChoices):
    """What became of a row."""

    INSERT = "insert", "Added"
    UPDATE = "update", "Changed"
    DELETE = "delete", "Removed"
