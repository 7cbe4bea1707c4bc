"""The payments department as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Registers its system checks."""

    name = "payments"
    verbose_name = "Payments"

    def ready(self) -> None:
        import_module("payments.checks")
