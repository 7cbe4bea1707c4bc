"""What a picking job can be, and in which order jobs are picked."""

from typing import Final

from django.db.models import TextChoices


class PickingStatus(TextChoices):
    """Where a picking job is. Values as published."""

    CREATED = "CREATED", "To pick"  # → PICKING, CANCELLED
    PICKING = "PICKING", "Being picked"  # → PACKED, CANCELLED
    PACKED = "PACKED", "Packed"  # final: the goods have left the stock
    CANCELLED = "CANCELLED", "Cancelled"  # final


UNDER_WAY: Final = (PickingStatus.CREATED, PickingStatus.PICKING)

# The queue is walked by rank, then by age.
RANKS: Final = {"SAME_DAY": 0, "EXPEDITED": 1, "STANDARD": 2}
COLLECTED: Final = "CLICK_AND_COLLECT"
