from django.db.models import TextChoices


class GenerationState(TextChoices):
    BUILDING = "BUILDING", "Being built"  # → live, abandoned
    LIVE = "LIVE", "Answers"  # → retired
    RETIRED = "RETIRED", "Replaced"  # → cleared
    ABANDONED = "ABANDONED", "Given up"  # → cleared
    CLEARED = "CLEARED", "Emptied"  # final


class DocumentState(TextChoices):
    DRAFT = "DRAFT", "Draft"
    ACTIVE = "ACTIVE", "Active"  # the only one the public finds
    ARCHIVED = "ARCHIVED", "Archived"
    DELETED = "DELETED", "Deleted"  # nobody finds it; the row remembers which message deleted it
