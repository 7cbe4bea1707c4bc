"""What a customer changes about the login: proven with the old password or with a token, hashed last, told to nobody else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client

from shop.contracts.customers import PurgeLogins, UpdateCustomer
from shop.customers import credentials
from shop.customers.models import AuthenticationSession, CustomerAccount, CustomerProfile, Verification
from shop.messaging.bus import execute
from shop.messaging.models import Message
from tests.customers.people import Person, customer, try_to_log_in
from tests.http.calls import PASSWORD, bearer, log_in, post, register, send
from tests.http.endpoints import service_token
from tests.journeys.shop import deliver

pytestmark = pytest.mark.django_db

NEW = "another good password"


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is hashed or checked, in order."""
    done: list[str] = []
    for name in ("check_password", "make_password"):
        real: Callable[..., Any] = getattr(hashers, name)

        def noting(*arguments: Any, real: Callable[..., Any] = real, name: str = name) -> Any:
            done.append(name)
            return real(*arguments)

        monkeypatch.setattr(credentials, name, noting)
    return done


@pytest.fixture
def ada(client: Client) -> Person:
    return customer(client)


def token_for(name: str) -> str:
    """The token whoever sends mail was given last."""
    token: str = Message.objects.filter(name=name).latest("id").payload["token"]
    return token


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def change(person: Person, old: str = PASSWORD, new: str = NEW) -> Any:
    return person.send("POST", f"{person.path}/password", {"password": old, "newPassword": new})


def test_another_password_ends_every_other_login(client: Client, ada: Person) -> None:
    elsewhere = log_in(client)
    assert change(ada).status_code == 204
    assert ada.get(ada.path).status_code == 200
    assert client.get(ada.path, headers=bearer(elsewhere)).status_code == 401
    assert try_to_log_in(client, ada.email).status_code == 401
    assert try_to_log_in(client, ada.email, NEW).status_code == 200
    assert Message.objects.get(name="PasswordChanged").payload["customerId"] == ada.id
    command = Message.objects.get(name="ChangePassword").payload
    assert (set(command["password"]), set(command["newPassword"])) == ({"*"}, {"*"})


def test_without_the_old_password_nothing_changes(client: Client, ada: Person) -> None:
    answer = change(ada, "wrong")
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    assert try_to_log_in(client, ada.email).status_code == 200
    assert not Message.objects.filter(name__in=["ChangePassword", "PasswordChanged"]).exists()


def test_guesses_with_a_stolen_token_are_refused_before_they_are_hashed(client: Client, ada: Person, hashes: list[str]) -> None:
    answers = [change(ada, f"guess {number}").status_code for number in range(200)]
    assert len(hashes) <= 10
    assert answers.count(429) >= 190
    assert try_to_log_in(client, ada.email).status_code == 429


def test_nobody_else_changes_it(client: Client, ada: Person) -> None:
    bob = customer(client, "bob@example.com")
    body = {"password": PASSWORD, "newPassword": NEW}
    assert bob.send("POST", f"{ada.path}/password", body).status_code == 404
    assert send(client, "POST", f"{ada.path}/password", body, **service_token("customers:write")).status_code in (401, 403)
    assert send(client, "POST", f"{ada.path}/password", body).status_code == 401
    keep = str(AuthenticationSession.objects.get(account=bob.id).pk)
    elsewhere = log_in(client, "bob@example.com")
    assert bob.send("POST", f"{bob.path}/password", {**body, "keepSessionId": keep}).status_code == 204
    assert client.get(bob.path, headers=bearer(elsewhere)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"password": PASSWORD},
        {"password": PASSWORD, "newPassword": "short"},
        {"password": PASSWORD, "newPassword": "*" * 10},
        {"password": PASSWORD, "newPassword": "x" * 5000},
        {"password": 1, "newPassword": NEW},
        {"password": PASSWORD, "newPassword": ["x"]},
        {"password": "\u0000", "newPassword": NEW},
    ],
)
def test_bad_input_is_refused(ada: Person, body: Any) -> None:
    assert ada.send("POST", f"{ada.path}/password", body).status_code in (400, 403)
    assert Message.objects.filter(name="PasswordChanged").count() == 0


def test_a_new_address_counts_once_it_has_confirmed(client: Client, ada: Person) -> None:
    answer = ada.send("POST", f"{ada.path}/email", {"email": "Countess@example.com", "password": PASSWORD})
    assert answer.status_code == 202
    assert set(answer.json()) == {"customerId", "email", "expiresAt"}
    assert ada.get(ada.path).json()["email"] == ada.email
    token = token_for("EmailChangeRequested")
    assert token not in str(list(Verification.objects.values()))
    answer = post(client, "/email-confirmations", {"token": token})
    assert (answer.status_code, answer.json()["email"]) == (200, "Countess@example.com")
    assert try_to_log_in(client, "countess@example.com").status_code == 200
    assert Message.objects.get(name="CustomerUpdated").payload["changes"] == {"email": "Countess@example.com"}
    assert post(client, "/email-confirmations", {"token": token}).status_code == 400
    assert not Verification.objects.exists()


def test_an_address_somebody_has_is_refused_at_once_and_one_taken_meanwhile_at_the_end(client: Client, ada: Person) -> None:
    register(client, "bob@example.com")
    body = {"email": "BOB@example.com", "password": PASSWORD}
    assert ada.send("POST", f"{ada.path}/email", body).json()["code"] == "email_taken"
    ada.send("POST", f"{ada.path}/email", {"email": "eve@example.com", "password": PASSWORD})
    register(client, "eve@example.com")
    answer = post(client, "/email-confirmations", {"token": token_for("EmailChangeRequested")})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert ada.get(ada.path).json()["email"] == ada.email


def test_another_address_takes_the_password(ada: Person) -> None:
    answer = ada.send("POST", f"{ada.path}/email", {"email": "countess@example.com", "password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    assert not Verification.objects.exists()


def test_a_forgotten_password_is_replaced_by_whoever_reads_the_mail(client: Client, ada: Person) -> None:
    assert post(client, "/password-resets", {"email": "ADA@example.com"}).status_code == 204
    fact = Message.objects.get(name="PasswordResetRequested").payload
    assert (fact["customerId"], fact["email"]) == (ada.id, ada.email)
    answer = post(client, "/password-resets/confirm", {"token": fact["token"], "newPassword": NEW})
    assert answer.status_code == 204
    assert ada.get(ada.path).status_code == 401
    assert try_to_log_in(client, ada.email, NEW).status_code == 200
    again = post(client, "/password-resets/confirm", {"token": fact["token"], "newPassword": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (400, "invalid_token")


@pytest.mark.parametrize("status", ["SUSPENDED", "CLOSED"])
def test_whether_anybody_has_an_address_is_never_told(client: Client, ada: Person, hashes: list[str], status: str) -> None:
    shut = customer(client, "shut@example.com")
    execute(UpdateCustomer(customer_id=UUID(shut.id), status=status))
    hashes.clear()
    answers = [post(client, "/password-resets", {"email": email}) for email in (ada.email, "nobody@example.com", shut.email)]
    assert [answer.status_code for answer in answers] == [204] * 3
    assert len({answer.content for answer in answers}) == 1
    assert hashes == []
    assert Message.objects.filter(name="PasswordResetRequested").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_typed_for_nobody_is_not_kept(client: Client) -> None:
    post(client, "/password-resets", {"email": "nobody@example.com"})
    deliver()
    assert Message.objects.get(name="RequestPasswordReset").payload == {"email": "erased@erased.invalid"}


def test_questions_for_a_token_are_counted_by_address_and_by_place(client: Client, ada: Person) -> None:
    for email in (ada.email, "nobody@example.com"):
        statuses = [post(client, "/password-resets", {"email": email}).status_code for _ in range(6)]
        assert statuses == [204, 204, 204, 429, 429, 429]


def test_wrong_tokens_are_refused_before_anything_is_hashed(client: Client, ada: Person, hashes: list[str]) -> None:
    hashes.clear()
    answers = [
        post(client, "/password-resets/confirm", {"token": f"guess {number}", "newPassword": NEW}).status_code
        for number in range(200)
    ]
    assert (answers.count(400), answers.count(429), hashes) == (10, 190, [])


def test_a_token_is_worthless_when_it_expires_when_a_newer_one_is_asked_for_and_when_its_customer_is_suspended(
    client: Client, ada: Person
) -> None:
    tokens = []
    for spoil in (
        lambda: sql("UPDATE shop_verification SET expires_at = now()"),
        lambda: post(client, "/password-resets", {"email": ada.email}),
        lambda: execute(UpdateCustomer(customer_id=CustomerProfile.objects.get().pk, status="SUSPENDED")),
    ):
        sql("DELETE FROM shop_logincounter")
        post(client, "/password-resets", {"email": ada.email})
        tokens.append(token_for("PasswordResetRequested"))
        spoil()
        body = {"token": tokens[-1], "newPassword": NEW}
        assert post(client, "/password-resets/confirm", body).status_code == 400
    assert len(set(tokens)) == 3
    assert not Message.objects.filter(name="PasswordChanged").exists()


def test_a_token_for_one_thing_does_not_do_the_other(client: Client, ada: Person) -> None:
    ada.send("POST", f"{ada.path}/email", {"email": "countess@example.com", "password": PASSWORD})
    post(client, "/password-resets", {"email": ada.email})
    swapped = token_for("PasswordResetRequested"), token_for("EmailChangeRequested")
    assert post(client, "/email-confirmations", {"token": swapped[0]}).status_code == 400
    assert post(client, "/password-resets/confirm", {"token": swapped[1], "newPassword": NEW}).status_code == 400


def test_a_new_address_makes_a_reset_sent_to_the_old_one_worthless(client: Client, ada: Person) -> None:
    post(client, "/password-resets", {"email": ada.email})
    old = token_for("PasswordResetRequested")
    ada.send("POST", f"{ada.path}/email", {"email": "countess@example.com", "password": PASSWORD})
    post(client, "/email-confirmations", {"token": token_for("EmailChangeRequested")})
    assert post(client, "/password-resets/confirm", {"token": old, "newPassword": NEW}).status_code == 400
    assert try_to_log_in(client, "countess@example.com").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["used", "expired", "replaced"])
def test_a_token_leaves_the_message_that_carried_it(client: Client, ada: Person, how: str) -> None:
    post(client, "/password-resets", {"email": ada.email})
    token = token_for("PasswordResetRequested")
    if how == "used":
        post(client, "/password-resets/confirm", {"token": token, "newPassword": NEW})
    elif how == "expired":
        sql("UPDATE shop_verification SET expires_at = now() - interval '1 second'")
        execute(PurgeLogins())
    else:
        post(client, "/password-resets", {"email": ada.email})
    deliver()
    payloads = list(Message.objects.filter(name="PasswordResetRequested").order_by("id").values_list("payload", flat=True))
    assert (payloads[0]["token"], payloads[0]["email"]) == ("erased", "erased@erased.invalid")
    assert Verification.objects.count() == (1 if how == "replaced" else 0)


def test_a_customer_sees_and_ends_its_own_logins(client: Client, ada: Person) -> None:
    elsewhere = log_in(client)
    sql(
        "UPDATE shop_authenticationsession SET created_at = created_at - interval '1 hour' WHERE revoked_at IS NULL "
        "AND token_sha256 NOT IN (SELECT token_sha256 FROM shop_authenticationsession ORDER BY id DESC LIMIT 1)"
    )
    shown = ada.get(f"{ada.path}/sessions").json()["sessions"]
    assert [each["current"] for each in shown] == [False, True]
    assert shown[0]["ipAddress"] == "127.0.0.1"
    assert ada.send("DELETE", f"{ada.path}/sessions/{shown[0]['sessionId']}").status_code == 204
    assert ada.send("DELETE", f"{ada.path}/sessions/{shown[0]['sessionId']}").status_code == 204
    assert client.get(ada.path, headers=bearer(elsewhere)).status_code == 401
    assert len(ada.get(f"{ada.path}/sessions").json()["sessions"]) == 1
    assert ada.send("DELETE", f"{ada.path}/sessions").status_code == 204
    assert ada.get(ada.path).status_code == 401


def test_nobody_sees_or_ends_somebody_elses(client: Client, ada: Person) -> None:
    bob = customer(client, "bob@example.com")
    theirs = AuthenticationSession.objects.get(account=ada.id).pk
    assert bob.get(f"{ada.path}/sessions").status_code == 404
    assert bob.send("DELETE", f"{ada.path}/sessions").status_code == 404
    missing = bob.send("DELETE", f"{bob.path}/sessions/{bob.id}")
    foreign = bob.send("DELETE", f"{bob.path}/sessions/{theirs}")
    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert ada.get(ada.path).status_code == 200


def test_an_account_is_untouched_by_whoever_only_looks(client: Client, ada: Person) -> None:
    before = CustomerAccount.objects.values().get()
    for path in ("/email-confirmations", "/password-resets/confirm"):
        for token in ("", "x", "\u0000", "x" * 20_000, 1, None, ["x"]):
            assert post(client, path, {"token": token, "newPassword": NEW}).status_code in (400, 429)
    assert CustomerAccount.objects.values().get() == before
