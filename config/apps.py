"""The roof as a Django app: it carries the commands that belong to no department."""

from django.apps import AppConfig

from config.celery import app as celery_app

__all__ = ["RoofConfig", "celery_app"]


class RoofConfig(AppConfig):
    """Loaded by Django at start, which makes `config.celery.app` the app every task belongs to."""

    name = "config"
    verbose_name = "Operations"
