"""Every state of a payment and its parts, and which transitions leave it."""

from django.db.models import TextChoices


class PaymentStatus(TextChoices):
    """What the shop holds to be true about one payment."""

    REQUESTED = "REQUESTED", "Requested"  # → AUTHORIZED, FAILED, VOIDED, UNKNOWN
    UNKNOWN = "UNKNOWN", "Outcome unknown"  # → AUTHORIZED, FAILED, VOIDED
    AUTHORIZED = "AUTHORIZED", "Authorised"  # → SUCCEEDED, VOIDED
    SUCCEEDED = "SUCCEEDED", "Captured"  # terminal; refunds are rows of their own
    FAILED = "FAILED", "Failed"  # terminal
    VOIDED = "VOIDED", "Voided"  # terminal, also the tombstone of a payment that never was


UNDECIDED = (PaymentStatus.REQUESTED, PaymentStatus.UNKNOWN)


class AuthorizationStatus(TextChoices):
    """What the provider last said about one of its intents; it only moves forward."""

    DECLINED = "DECLINED", "Declined"  # terminal: an intent is confirmed once
    HELD = "HELD", "Held"  # → CAPTURED, RELEASED
    CAPTURED = "CAPTURED", "Captured"  # terminal
    RELEASED = "RELEASED", "Released"  # terminal


class Verdict(TextChoices):
    """What the fraud check says."""

    PASS = "pass", "Pass"
    REVIEW = "review", "Review by a person"
    REFUSE = "refuse", "Refuse"


class FailureReason(TextChoices):
    """Why no money is held, in the words of the published contract."""

    CARD_DECLINED = "CARD_DECLINED", "Card declined"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS", "Insufficient funds"
    EXPIRED_CARD = "EXPIRED_CARD", "Expired card"
    PROCESSING_ERROR = "PROCESSING_ERROR", "Processing error"


class RefundStatus(TextChoices):
    """A refund. The bank may still return what the provider had accepted."""

    REQUESTED = "REQUESTED", "Requested"  # → PROCESSED, FAILED
    PROCESSED = "PROCESSED", "Processed"  # → FAILED
    FAILED = "FAILED", "Failed"  # terminal


class RefundKind(TextChoices):
    """What money goes back for. The first four follow from what became of an order, the others a person decides."""

    ORDER_CANCELLED = "ORDER_CANCELLED", "Order cancelled"
    UNDELIVERABLE = "UNDELIVERABLE", "Nothing arrived"
    AMENDMENT = "AMENDMENT", "Order reduced"
    SHORT_PICK = "SHORT_PICK", "Goods missing"
    GOODS = "GOODS", "Goods"
    SHIPPING = "SHIPPING", "Shipping"
    GOODWILL = "GOODWILL", "Goodwill"


class WebhookStatus(TextChoices):
    """How far a stored webhook got."""

    RECEIVED = "RECEIVED", "Waiting"  # → APPLIED, IGNORED, PARKED
    APPLIED = "APPLIED", "Applied"  # terminal, unless reprocessed by a person
    IGNORED = "IGNORED", "Nothing to do"  # terminal
    PARKED = "PARKED", "Parked"  # → APPLIED, IGNORED (reprocessed by a person)
