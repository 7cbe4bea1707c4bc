from django.db.models import TextChoices


class ProductState(TextChoices):
    DRAFT = "DRAFT", "Draft"  # → active, archived
    ACTIVE = "ACTIVE", "Active"  # → archived; the only state that can be sold and that the public sees
    ARCHIVED = "ARCHIVED", "Archived"  # → active
