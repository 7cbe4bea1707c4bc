"""What staff do for partners in the back office: each verb has its effect and its audit row, and the secret is shown once."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from shop.messaging.models import OperatorAction
from shop.outward.models import WebhookEndpoint, WebhookSending
from tests.console.buttons import screen_of, send
from tests.outward.receiver import Partner
from tests.outward.tools import happen, listen, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("outsiders")]


@pytest.fixture
def admin(client: Client) -> Client:
    """Signed in as somebody who may do everything."""
    client.force_login(User.objects.create_superuser("root", "root@example.com", "x"))
    return client


def told(admin: Client) -> str:
    """What the next page says."""
    return admin.get(screen_of(WebhookEndpoint).list_url()).content.decode()


def test_an_endpoint_is_made_and_its_secret_is_shown_once(admin: Client, listener: Partner) -> None:
    given = {"partner": "acme", "url": listener.url(), "events": "CartAbandoned\nOrderConfirmed", "description": "books"}
    assert send(admin, WebhookEndpoint, "create", [], **given).status_code == 302

    secret = re.search(r"whsec_[\w+/=]+", told(admin)).group()
    assert "whsec_" not in told(admin)
    happen()
    work()
    assert listener.got[0].signed_with(secret)
    assert secret not in str(OperatorAction.objects.values())


def test_what_cannot_be_is_told_in_the_form(admin: Client, listener: Partner) -> None:
    given = {"partner": "acme", "url": "https://10.0.0.1/", "events": "CartAbandoned"}

    answer = send(admin, WebhookEndpoint, "create", [], **given)

    assert answer.status_code == 409
    assert "not on the public internet" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_it_is_tested_edited_disabled_and_enabled(admin: Client, listener: Partner) -> None:
    listen(listener)
    endpoint = WebhookEndpoint.objects.get()
    assert send(admin, WebhookEndpoint, "test", [endpoint]).status_code == 302
    assert "answered 200." in told(admin)
    listener.answers = [500]
    assert send(admin, WebhookEndpoint, "test", [endpoint]).status_code == 302
    assert "did not take it. Answered 500" in told(admin)
    edited = {"url": listener.url("/new"), "events": "OrderConfirmed", "description": ""}
    assert send(admin, WebhookEndpoint, "edit", [endpoint], **edited).status_code == 302
    assert WebhookEndpoint.objects.get().events == ["OrderConfirmed"]
    for verb, status in (("disable", "DISABLED"), ("enable", "ACTIVE")):
        assert send(admin, WebhookEndpoint, verb, [WebhookEndpoint.objects.get()]).status_code == 302
        assert WebhookEndpoint.objects.get().status == status
        assert send(admin, WebhookEndpoint, verb, [WebhookEndpoint.objects.get()]).status_code == 409
    assert send(admin, WebhookEndpoint, "rotate", [WebhookEndpoint.objects.get()]).status_code == 302
    assert WebhookEndpoint.objects.get().generation == 2
    verbs = OperatorAction.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == [f"webhookendpoint.{verb}" for verb in ("test", "test", "edit", "disable", "enable", "rotate")]


def test_one_that_somebody_changed_meanwhile_is_left_alone(admin: Client, listener: Partner) -> None:
    listen(listener)
    endpoint = WebhookEndpoint.objects.get()
    screen = screen_of(WebhookEndpoint)
    verb = screen.verb_named("disable")
    page = admin.get(screen.verb_url(verb, ids=str(endpoint.pk)))
    WebhookEndpoint.objects.update(version=9)

    answer = admin.post(screen.verb_url(verb), {"seen": [one.field for one in page.context["targets"]], "reason": "because"})

    assert answer.status_code == 409
    assert WebhookEndpoint.objects.get().status == "ACTIVE"


def test_what_was_sent_is_looked_at_and_sent_again(admin: Client, listener: Partner) -> None:
    listen(listener)
    listener.answers = [410, 200]
    happen()
    work()
    endpoint, sending = WebhookEndpoint.objects.get(), WebhookSending.objects.get()
    for screen, row in ((screen_of(WebhookEndpoint), endpoint), (screen_of(WebhookSending), sending)):
        assert "Answered 410" in admin.get(screen.url_of(row.pk)).content.decode().replace("answered 410", "Answered 410")
        assert str(row.pk) in admin.get(f"{screen.list_url()}?q={row.pk}").content.decode()
    assert send(admin, WebhookSending, "redeliver", [sending]).status_code == 409
    assert send(admin, WebhookEndpoint, "enable", [endpoint]).status_code == 302
    assert send(admin, WebhookSending, "redeliver", [sending]).status_code == 302
    work()

    assert WebhookSending.objects.get().status == "DELIVERED"
