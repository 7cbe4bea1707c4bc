"""The catalog department as a Django app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Named in INSTALLED_APPS; imports nothing itself."""

    name = "catalog"
    verbose_name = "Catalog"
