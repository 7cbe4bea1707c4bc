"""The states of an order and the reasons it may be held for."""

from django.db.models import TextChoices


class LifecycleStatus(TextChoices):
    """Where an order is. Values as published in ``lifecycleStatus``."""

    CREATED = "CREATED", "Created"  # → CONFIRMED, ON_HOLD, CANCELLED
    CONFIRMED = "CONFIRMED", "Confirmed"  # → ON_HOLD, AWAITING_FULFILMENT, CANCELLED
    ON_HOLD = "ON_HOLD", "On hold"  # → CONFIRMED (not paid yet), AWAITING_FULFILMENT, CANCELLED
    AWAITING_FULFILMENT = "AWAITING_FULFILMENT", "Awaiting fulfilment"  # → ON_HOLD, FULFILLING, CANCELLED
    FULFILLING = "FULFILLING", "Fulfilling"  # → COMPLETED, CANCELLED (nothing will arrive)
    COMPLETED = "COMPLETED", "Completed"  # → ARCHIVED
    CANCELLED = "CANCELLED", "Cancelled"  # → ARCHIVED
    ARCHIVED = "ARCHIVED", "Archived"  # final


class TerminalStatus(TextChoices):
    """How an order ended; an archived one still says it."""

    COMPLETED = "COMPLETED", "Completed"
    CANCELLED = "CANCELLED", "Cancelled"


class CancelReason(TextChoices):
    """Why an order was cancelled. Values as published."""

    CUSTOMER_REQUESTED = "CUSTOMER_REQUESTED", "The customer asked"
    PAYMENT_FAILED = "PAYMENT_FAILED", "Payment failed"
    OUT_OF_STOCK = "OUT_OF_STOCK", "Out of stock"
    FRAUD = "FRAUD", "Fraud"


class RetentionCategory(TextChoices):
    """Why an archived order is kept. Values as published."""

    STANDARD = "STANDARD", "Standard"
    FINANCIAL_RECORD = "FINANCIAL_RECORD", "Financial record"
    LEGAL_HOLD = "LEGAL_HOLD", "Legal hold"


class HoldReason(TextChoices):
    """Why a person has to look at an order before it goes on."""

    PAYMENT_REVIEW = "PAYMENT_REVIEW", "Payment review"
    FRAUD_REVIEW = "FRAUD_REVIEW", "Fraud review"
    ADDRESS_VERIFICATION = "ADDRESS_VERIFICATION", "Address verification"
    INVENTORY_RECHECK = "INVENTORY_RECHECK", "Inventory recheck"


BEFORE_FULFILMENT = (
    LifecycleStatus.CREATED,
    LifecycleStatus.CONFIRMED,
    LifecycleStatus.ON_HOLD,
    LifecycleStatus.AWAITING_FULFILMENT,
)
OPEN = (*BEFORE_FULFILMENT, LifecycleStatus.FULFILLING)


class AdjustmentKind(TextChoices):
    """Why an order is not what it was at checkout."""

    AMENDMENT = "AMENDMENT", "Amended"
    SHORT_PICK = "SHORT_PICK", "Goods missing"


class AdjustmentStatus(TextChoices):
    """How far a change of an order got."""

    OPEN = "OPEN", "Under way"  # → APPLIED, REJECTED
    APPLIED = "APPLIED", "Applied"  # final
    REJECTED = "REJECTED", "Not possible"  # final


MUST_NOT_GO_ON = (LifecycleStatus.ON_HOLD, LifecycleStatus.CANCELLED)
ENDED = (LifecycleStatus.COMPLETED, LifecycleStatus.CANCELLED, LifecycleStatus.ARCHIVED)
ONLY_AFTER_CONFIRMATION = (
    LifecycleStatus.CONFIRMED,
    LifecycleStatus.AWAITING_FULFILMENT,
    LifecycleStatus.FULFILLING,
    LifecycleStatus.COMPLETED,
)
