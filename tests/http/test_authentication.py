"""Who gets in: customers' tokens, services' tokens, the back office's session. Everything else is told to authenticate."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings

from shop.http.models import ServiceToken
from shop.messaging.models import Message
from tests.http.calls import bearer, log_in, post, register, send

pytestmark = pytest.mark.django_db


def service_token(*arguments: str) -> str:
    out = StringIO()
    call_command("service_token", *arguments, stdout=out)
    return out.getvalue().strip()


def suspend(client: Client, who: dict[str, str], customer_id: str, **more: str) -> Any:
    return send(client, "PATCH", f"/customers/{customer_id}", {"status": "SUSPENDED"}, **who, **more)


def test_a_service_acts_within_its_scopes_and_under_its_name(client: Client) -> None:
    ada = register(client)["customerId"]
    writer = bearer(service_token("create", "crm", "customers:write"))
    assert client.get(f"/customers/{ada}", headers=writer).status_code == 200
    assert suspend(client, writer, ada).status_code == 200
    assert Message.objects.get(name="UpdateCustomer").actor == "service:crm"


def test_reading_is_not_writing_and_another_department_is_neither(client: Client) -> None:
    ada = register(client)["customerId"]
    reader = bearer(service_token("create", "bi", "customers:read"))
    stranger = bearer(service_token("create", "pim", "catalog:write"))
    assert client.get(f"/customers/{ada}", headers=reader).status_code == 200
    assert suspend(client, reader, ada).status_code == 403
    assert client.get(f"/customers/{ada}", headers=stranger).status_code == 403


def test_only_the_hash_of_a_token_is_kept(client: Client) -> None:
    token = service_token("create", "crm", "customers:read")
    row = ServiceToken.objects.get()
    assert token.startswith("svc_")
    assert len(token) > 40
    assert token not in str(vars(row))
    assert token not in service_token("list")


def test_a_revoked_or_expired_token_is_worth_nothing(client: Client) -> None:
    ada = register(client)["customerId"]
    token = bearer(service_token("create", "crm", "*"))
    assert client.get(f"/customers/{ada}", headers=token).status_code == 200
    ServiceToken.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert client.get(f"/customers/{ada}", headers=token).status_code == 401
    ServiceToken.objects.update(expires_at="2999-01-01T00:00:00Z")
    service_token("revoke", "crm")
    assert client.get(f"/customers/{ada}", headers=token).status_code == 401
    with pytest.raises(CommandError):
        service_token("revoke", "crm")


def test_use_is_noted_once_an_hour(client: Client) -> None:
    ada = register(client)["customerId"]
    token = bearer(service_token("create", "crm", "*"))
    client.get(f"/customers/{ada}", headers=token)
    first = ServiceToken.objects.get().last_used_at
    client.get(f"/customers/{ada}", headers=token)
    assert first is not None
    assert ServiceToken.objects.get().last_used_at == first


@pytest.mark.parametrize(
    "arguments", [("Bad Name", "*"), ("crm", "catalog"), ("crm", "catalog:admin"), ("crm", "*", "--days", "0")]
)
def test_nonsense_makes_no_token(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        service_token("create", *arguments)
    assert not ServiceToken.objects.exists()


@pytest.mark.parametrize(("groups", "status"), [(("support",), 200), (("moderator",), 403), ((), 403)])
def test_staff_may_do_what_their_groups_may(client: Client, groups: tuple[str, ...], status: int) -> None:
    ada = register(client)["customerId"]
    user = User.objects.create_user("eve", password="x", is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=name)[0] for name in groups])
    client.force_login(user)
    assert suspend(client, {}, ada).status_code == status
    if status == 200:
        assert Message.objects.get(name="UpdateCustomer").actor == "staff:eve"


def test_a_session_needs_the_csrf_token_and_the_second_factor_where_there_is_one() -> None:
    strict = Client(enforce_csrf_checks=True)
    ada = register(strict)["customerId"]
    strict.force_login(User.objects.create_superuser("root"))
    assert suspend(strict, {}, ada).status_code == 403
    strict.get("/admin/login/?next=/")
    strict.cookies["csrftoken"] = token = "a" * 32
    assert suspend(strict, {}, ada, X_CSRFToken=token).status_code == 200
    with override_settings(ADMIN_OTP_REQUIRED=True):
        assert strict.get(f"/customers/{ada}").status_code == 401


def test_who_is_no_staff_has_no_way_in_by_session(client: Client) -> None:
    ada = register(client)["customerId"]
    client.force_login(User.objects.create_user("mallory"))
    assert client.get(f"/customers/{ada}").status_code == 401


def test_a_valid_token_of_the_wrong_kind_is_forbidden(client: Client) -> None:
    register(client)
    token = bearer(log_in(client))
    assert post(client, "/products", {}, **token).status_code == 403


def test_a_customers_token_costs_one_query(client: Client, django_assert_num_queries: Any) -> None:
    ada = register(client)["customerId"]
    token = bearer(log_in(client))
    client.get(f"/customers/{ada}", headers=token)
    with django_assert_num_queries(2, connection=connection):
        assert client.get(f"/customers/{ada}", headers=token).status_code == 200
