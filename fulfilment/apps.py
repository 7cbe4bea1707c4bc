"""The fulfilment department as a Django app."""

from django.apps import AppConfig


class FulfilmentConfig(AppConfig):
    """Named in INSTALLED_APPS; imports nothing itself."""

    name = "fulfilment"
    verbose_name = "Fulfilment"
