from django.db.models import TextChoices


class ImageState(TextChoices):
    PROCESSING = "PROCESSING", "Being made"  # → ready, rejected
    READY = "READY", "Ready"
    REJECTED = "REJECTED", "Rejected"
