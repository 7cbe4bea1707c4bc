"""The screens of reviews; Django finds them only here."""

from reviews.moderation import admin as moderation
from reviews.screening import admin as screening

__all__ = ["moderation", "screening"]
