from django.db.models import TextChoices


class PromotionState(TextChoices):
    DRAFT = "DRAFT", "Draft"  # → active, ended
    ACTIVE = "ACTIVE", "Active"  # → ended; applies within its window
    ENDED = "ENDED", "Ended"  # final


class PromotionKind(TextChoices):
    PERCENTAGE = "PERCENTAGE", "Percentage"  # value in basis points
    FIXED_AMOUNT = "FIXED_AMOUNT", "Fixed amount"  # value in minor units


class CustomerSegment(TextChoices):
    """The segments that are rules; whoever else is meant was put into a segment by an operator."""

    NEW = "NEW", "Has never completed a checkout"
    RETURNING = "RETURNING", "Has completed a checkout"


class UseState(TextChoices):
    HELD = "HELD", "Held"  # → kept (checkout completed), given back (checkout aborted)
    KEPT = "KEPT", "Kept"  # → given back (order cancelled)
    GIVEN_BACK = "GIVEN_BACK", "Given back"  # final; no longer counts against any limit


class Refusal(TextChoices):
    """Why a promotion does not apply; the label is what the customer reads."""

    UNKNOWN = "UNKNOWN", "This promotion code does not exist."
    NOT_STARTED = "NOT_STARTED", "This promotion has not started yet."
    PAUSED = "PAUSED", "This promotion is paused at the moment."
    EXPIRED = "EXPIRED", "This promotion has ended."
    OTHER_CURRENCY = "OTHER_CURRENCY", "This promotion is not valid in the currency of your cart."
    BELOW_MINIMUM = "BELOW_MINIMUM", "Your cart is below the minimum spend of this promotion."
    OTHER_CUSTOMERS = "OTHER_CUSTOMERS", "This promotion is not meant for your account."
    NOTHING_ELIGIBLE = "NOTHING_ELIGIBLE", "Nothing in your cart is part of this promotion."
    USED_BY_CUSTOMER = "USED_BY_CUSTOMER", "You have used this promotion as often as it allows."
    EXHAUSTED = "EXHAUSTED", "This promotion has been used up."
