from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MessagingConfig(AppConfig):
    """The mailbox: messages, deliveries, sagas and what operators do to them."""

    name = "shop.messaging"
    label = "messaging"
    verbose_name = "Messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("shop.messaging.checks")
        subscriptions = import_module("shop.messaging.subscriptions")
        post_migrate.connect(subscriptions.note_subscriptions, sender=self)
