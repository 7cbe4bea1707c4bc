"""The ordering department as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class OrderingConfig(AppConfig):
    """Registers its system checks."""

    name = "ordering"
    verbose_name = "Ordering"

    def ready(self) -> None:
        import_module("ordering.checkout.checks")
