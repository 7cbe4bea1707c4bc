"""How tests press the console's buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import admin as django_admin
from django.test import Client

from shop.console.base import OpsModelAdmin
from shop.messaging.models import Delivery, Message, OperatorAction

SCREENS = [screen for screen in django_admin.site._registry.values() if isinstance(screen, OpsModelAdmin)]
VERBS = [(screen, verb) for screen in SCREENS for verb in screen.verbs]


def screen_of(model: Any) -> OpsModelAdmin:
    found = django_admin.site._registry[model]
    assert isinstance(found, OpsModelAdmin)
    return found


def send(client: Client, model: Any, named: str, rows: list[Any], **given: Any) -> Any:
    """What the form sends after looking at these rows as they are now."""
    screen = screen_of(model)
    verb = screen.verb_named(named)
    assert verb is not None
    page = client.get(screen.verb_url(verb, ids=",".join(str(row.pk) for row in rows))) if rows else None
    seen = [target.field for target in page.context["targets"]] if page else []
    return client.post(screen.verb_url(verb), {"seen": seen, "reason": "because", **given})


def counts() -> tuple[int, ...]:
    """What no look and no refusal may change."""
    return (OperatorAction.objects.count(), Message.objects.count(), Delivery.objects.exclude(status="done").count())
