"""The reviews department as a Django app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Named in INSTALLED_APPS; imports nothing itself."""

    name = "reviews"
    verbose_name = "Reviews"
