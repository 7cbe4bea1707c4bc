"""The states of a change of an order while stock and money are asked."""

from django.db.models import TextChoices


class AmendmentState(TextChoices):
    """Where a run of the amendment saga stands."""

    STARTED = "STARTED", "Started"  # → ADJUSTING_STOCK
    ADJUSTING_STOCK = "ADJUSTING_STOCK", "Asking for stock"  # → AUTHORIZING_DIFFERENCE, ABORTED, COMPENSATING
    AUTHORIZING_DIFFERENCE = "AUTHORIZING_DIFFERENCE", "Asking for the money"  # → APPLYING, COMPENSATING
    APPLYING = "APPLYING", "Changing the order"  # → COMPLETED, COMPENSATING, NEEDS_ATTENTION
    COMPLETED = "COMPLETED", "Changed"  # final
    COMPENSATING = "COMPENSATING", "Being undone"  # → ABORTED, NEEDS_ATTENTION
    ABORTED = "ABORTED", "Not changed"  # final
    NEEDS_ATTENTION = "NEEDS_ATTENTION", "Needs a person"  # → any that is left to reach
