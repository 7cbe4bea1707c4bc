"""The states of a checkout."""

from django.db.models import TextChoices


class CheckoutState(TextChoices):
    """Where a checkout stands. Before CREATING_ORDER has succeeded it can turn back, afterwards it only goes forward."""

    STARTED = "STARTED", "Started"  # → RESERVING_INVENTORY
    RESERVING_INVENTORY = "RESERVING_INVENTORY", "Reserving"  # → AUTHORIZING_PAYMENT, COMPENSATING, ABORTED
    AUTHORIZING_PAYMENT = "AUTHORIZING_PAYMENT", "Authorising payment"  # → CREATING_ORDER, COMPENSATING
    CREATING_ORDER = "CREATING_ORDER", "Creating order"  # → COMPLETED, NEEDS_ATTENTION, COMPENSATING (operator)
    COMPLETED = "COMPLETED", "Completed"  # final
    COMPENSATING = "COMPENSATING", "Turning back"  # → ABORTED, NEEDS_ATTENTION
    ABORTED = "ABORTED", "Aborted"  # final
    NEEDS_ATTENTION = "NEEDS_ATTENTION", "Needs attention"  # → whatever its answer or an operator makes of it
