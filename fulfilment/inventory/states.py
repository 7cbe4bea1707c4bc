"""What a reservation can be, and why stock moved."""

from django.db.models import TextChoices


class ReservationStatus(TextChoices):
    HELD = "HELD", "Held"  # → CONSUMED, RELEASED, EXPIRED
    CONSUMED = "CONSUMED", "Consumed"  # final: the goods have left
    RELEASED = "RELEASED", "Released"  # → HELD (its order turned up after all)
    EXPIRED = "EXPIRED", "Expired"  # → HELD (its order turned up after all)


class ReleaseReason(TextChoices):
    """Why a reservation holds nothing. The published reasons, and one of our own."""

    CHECKOUT_FAILED = "CHECKOUT_FAILED", "Checkout failed"
    ORDER_CANCELLED = "ORDER_CANCELLED", "Order cancelled"
    EXPIRED = "EXPIRED", "Time was up"
    UNAVAILABLE = "UNAVAILABLE", "Never held: not enough stock"


class ChangeOutcome(TextChoices):
    """What became of a change of a reservation."""

    ADJUSTED = "ADJUSTED", "Adjusted"  # → CALLED_BACK
    REFUSED = "REFUSED", "Refused"  # → CALLED_BACK
    CALLED_BACK = "CALLED_BACK", "Called back"  # final, also before it ever came


class MovementKind(TextChoices):
    """Why on hand or reserved changed. The sign of each difference follows from the kind, except for corrections."""

    RECEIVED = "RECEIVED", "Received"  # on hand up
    RESERVED = "RESERVED", "Reserved"  # reserved up
    RELEASED = "RELEASED", "Released"  # reserved down
    EXPIRED = "EXPIRED", "Expired"  # reserved down
    CONSUMED = "CONSUMED", "Consumed"  # both down
    ADJUSTED = "ADJUSTED", "Adjusted"  # on hand up or down, by a difference
    RECOUNTED = "RECOUNTED", "Recounted"  # on hand set to what was counted, also when that changes nothing
