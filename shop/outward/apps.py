from django.apps import AppConfig


class OutwardConfig(AppConfig):
    """Telling outsiders: webhooks of partners and the stream of events."""

    name = "shop.outward"
    label = "outward"
    verbose_name = "Outsiders"
    default_auto_field = "django.db.models.BigAutoField"
