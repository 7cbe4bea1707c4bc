"""The shop department as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Registers its system checks, and has lists drawn once."""

    name = "shop"
    verbose_name = "Shopping"

    def ready(self) -> None:
        import_module("shop.http.checks")
        import_module("shop.console.checkboxes").install()
