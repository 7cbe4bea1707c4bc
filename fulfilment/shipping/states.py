"""What a shipment, a parcel and a carrier's webhook can be."""

from typing import Final

from django.db.models import TextChoices


class ShipmentStatus(TextChoices):
    """Where a shipment is. Values as published."""

    REQUESTED = "REQUESTED", "Requested"  # → CREATED, FAILED (given up before a carrier took it)
    CREATED = "CREATED", "Under way"  # → DELIVERED, FAILED
    DELIVERED = "DELIVERED", "Delivered"  # final
    FAILED = "FAILED", "Failed"  # → DELIVERED (it turned up before anybody decided)


class ParcelStatus(TextChoices):
    """Where one parcel is. It only moves forward; one that was given up may still arrive."""

    ANNOUNCED = "ANNOUNCED", "Announced"  # → IN_TRANSIT, FAILED, DELIVERED
    IN_TRANSIT = "IN_TRANSIT", "In transit"  # → FAILED, DELIVERED
    FAILED = "FAILED", "Failed"  # → DELIVERED
    DELIVERED = "DELIVERED", "Delivered"  # final


class FailureReason(TextChoices):
    """Why a shipment failed, as published."""

    FAILED_DELIVERY = "FAILED_DELIVERY", "Nobody took it"
    LOST = "LOST", "Lost"
    DAMAGED = "DAMAGED", "Damaged"
    RETURNED_TO_SENDER = "RETURNED_TO_SENDER", "Returned to us"


class Resolution(TextChoices):
    """What a person decided about a failed shipment."""

    REDELIVERED = "REDELIVERED", "Sent again"
    REPLACED = "REPLACED", "Replaced"
    GIVEN_UP = "GIVEN_UP", "Given up, money back"


class WebhookStatus(TextChoices):
    """How far a stored webhook got."""

    RECEIVED = "RECEIVED", "Waiting"  # → APPLIED, IGNORED, PARKED
    APPLIED = "APPLIED", "Applied"  # final, unless a person reprocesses it
    IGNORED = "IGNORED", "Nothing to do"  # final
    PARKED = "PARKED", "Parked"  # → APPLIED, IGNORED (reprocessed by a person)


UNDER_WAY: Final = (ShipmentStatus.REQUESTED, ShipmentStatus.CREATED)
PARCEL_RANK: Final = {ParcelStatus.ANNOUNCED: 0, ParcelStatus.IN_TRANSIT: 1, ParcelStatus.FAILED: 2, ParcelStatus.DELIVERED: 3}
# The goods still exist and can travel again; what is lost or damaged has to be picked anew.
TRAVELS_AGAIN: Final = (FailureReason.FAILED_DELIVERY, FailureReason.RETURNED_TO_SENDER)
COLLECTED: Final = "CLICK_AND_COLLECT"
