"""Logging in and out: what a token is, and what it costs to guess a password."""

import threading
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.core.cache import caches
from django.db import connection, connections
from django.test import Client, override_settings

from shop.contracts.customers import AuthenticateCustomer, PurgeLogins, RegisterCustomer
from shop.customers import credentials
from shop.customers.models import AuthenticationSession, CustomerAccount, CustomerProfile, LoginCounter
from shop.http.authentication import digest
from shop.messaging.bus import execute
from shop.messaging.errors import Refused
from shop.messaging.models import Message
from tests.customers.people import customer, try_to_log_in
from tests.http.calls import PASSWORD, bearer, log_in, post, register, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is checked, in order."""
    checked: list[str] = []
    real = hashers.check_password

    def noting(password: str, encoded: str) -> bool:
        checked.append(encoded)
        return real(password, encoded)

    monkeypatch.setattr(credentials, "check_password", noting)
    return checked


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_login_gives_a_token_and_says_so(client: Client) -> None:
    ada = register(client)
    answer = try_to_log_in(client, "ADA@example.com")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"accessToken", "tokenType", "expiresIn"}
    assert (body["tokenType"], body["expiresIn"]) == ("Bearer", 12 * 3600)
    assert answer["Cache-Control"] == "no-store"
    fact = Message.objects.get(name="CustomerAuthenticated").payload
    assert fact["customerId"] == ada["customerId"]
    assert (fact["method"], fact["ipAddress"]) == ("PASSWORD", "127.0.0.1")


def test_of_a_token_only_its_hash_is_kept_and_no_two_are_alike(client: Client) -> None:
    register(client)
    first, second = log_in(client), log_in(client)
    assert first != second
    assert len(first) >= 43
    assert set(AuthenticationSession.objects.values_list("token_sha256", flat=True)) == {digest(first), digest(second)}
    everything = str(list(AuthenticationSession.objects.values())) + str(list(Message.objects.values()))
    assert first not in everything
    assert PASSWORD not in everything


def test_a_token_ends_by_logging_out_and_only_that_one(client: Client) -> None:
    ada = customer(client)
    other = log_in(client)
    assert ada.send("DELETE", "/oauth/token").status_code == 204
    assert ada.get(ada.path).status_code == 401
    assert ada.send("DELETE", "/oauth/token").status_code == 401
    assert client.get(ada.path, headers=bearer(other)).status_code == 200


def test_somebody_elses_session_cannot_be_ended(client: Client) -> None:
    ada, bob = customer(client), customer(client, "bob@example.com")
    session = AuthenticationSession.objects.get(account=bob.id).pk
    assert ada.send("DELETE", f"/oauth/token?sessionId={session}", {"sessionId": str(session)}).status_code == 204
    assert bob.get(bob.path).status_code == 200
    assert ada.get(ada.path).status_code == 401


def test_a_token_ends_by_the_databases_clock(client: Client) -> None:
    ada = customer(client)
    sql("UPDATE shop_authenticationsession SET expires_at = now()")
    assert ada.get(ada.path).status_code == 401


def test_an_unknown_address_and_a_wrong_password_look_and_cost_the_same(client: Client, hashes: list[str]) -> None:
    register(client)
    unknown, wrong = try_to_log_in(client, "nobody@example.com"), try_to_log_in(client, "ada@example.com", "wrong")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.content == wrong.content
    assert set(unknown.headers) == set(wrong.headers)
    assert unknown["WWW-Authenticate"]
    assert len(hashes) == 2
    assert hashes[0].rsplit("$", 2)[0] == hashes[1].rsplit("$", 2)[0]


def test_both_failures_run_the_same_statements(client: Client, django_assert_num_queries: Any) -> None:
    register(client)
    try_to_log_in(client, "warm@example.com")
    for email in ("nobody@example.com", "ada@example.com"):
        with django_assert_num_queries(2):
            assert try_to_log_in(client, email, "wrong").status_code == 401


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_of_200_attempts_at_one_address_at_least_190_are_refused_before_hashing(
    client: Client, hashes: list[str], email: str
) -> None:
    register(client)
    answers = [try_to_log_in(client, email, f"guess {number}") for number in range(200)]
    assert len(hashes) <= 10
    assert sum(answer.status_code == 429 for answer in answers) >= 190
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_attempts"
    assert int(refused["Retry-After"]) > 60
    assert try_to_log_in(client, email, PASSWORD).status_code == 429


def test_of_200_attempts_at_200_addresses_from_one_place_too(client: Client, hashes: list[str]) -> None:
    answers = [try_to_log_in(client, f"victim{number}@example.com") for number in range(200)]
    assert len(hashes) <= 10
    assert sum(answer.status_code == 429 for answer in answers) >= 190


@pytest.mark.django_db(transaction=True)
def test_attempts_at_once_are_counted_before_any_of_them_is_hashed(hashes: list[str]) -> None:
    execute(RegisterCustomer(email="ada@example.com", password=PASSWORD))
    start, statuses = threading.Barrier(30), []

    def guess(number: int) -> None:
        start.wait()
        try:
            statuses.append(try_to_log_in(Client(), "ada@example.com", f"guess {number}").status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hashes) <= 5
    assert sorted(set(statuses)) in ([401, 429], [429])


@override_settings(PROXY_COUNT=1)
def test_one_place_does_not_lock_another_out(client: Client) -> None:
    register(client)
    for _ in range(7):
        try_to_log_in(client, "ada@example.com", "wrong", X_Forwarded_For="203.0.113.6")
    assert try_to_log_in(client, "ada@example.com", X_Forwarded_For="203.0.113.6").status_code == 429
    assert try_to_log_in(client, "ada@example.com", X_Forwarded_For="203.0.113.7").status_code == 200


def test_hammering_one_address_does_not_lock_the_others_out(client: Client) -> None:
    register(client, "bob@example.com")
    for _ in range(50):
        try_to_log_in(client, "ada@example.com", "wrong")
    assert try_to_log_in(client, "bob@example.com").status_code == 200


def test_a_claimed_forwarding_address_changes_nothing_without_proxies(client: Client) -> None:
    for number in range(20):
        last = try_to_log_in(client, "ada@example.com", "wrong", X_Forwarded_For=f"203.0.113.{number}")
    assert last.status_code == 429


@override_settings(PROXY_COUNT=1)
def test_the_addresses_of_one_ipv6_household_are_one_place(client: Client, hashes: list[str]) -> None:
    for number in range(30):
        last = try_to_log_in(client, f"victim{number}@example.com", X_Forwarded_For=f"2001:db8::{number + 1:x}")
    assert last.status_code == 429
    assert len(hashes) == 10
    assert try_to_log_in(client, "other@example.com", X_Forwarded_For="2001:db8:0:1::1").status_code == 401
    assert try_to_log_in(client, "other@example.com", X_Forwarded_For="::ffff:203.0.113.9").status_code == 401


def test_good_logins_are_not_attempts(client: Client) -> None:
    register(client)
    assert {try_to_log_in(client, "ada@example.com").status_code for _ in range(30)} == {200}


def test_the_lock_ends_with_its_window_and_outlives_every_cache(client: Client) -> None:
    register(client)
    for _ in range(6):
        try_to_log_in(client, "ada@example.com", "wrong")
    caches["default"].clear()
    assert try_to_log_in(client, "ada@example.com").status_code == 429
    sql("UPDATE shop_logincounter SET window_ends_at = now()")
    assert try_to_log_in(client, "ada@example.com").status_code == 200


def test_the_counters_name_nobody(client: Client) -> None:
    try_to_log_in(client, "ada@example.com", "wrong")
    assert LoginCounter.objects.count() == 3
    assert all(len(subject) == 64 for subject in LoginCounter.objects.values_list("subject", flat=True))


@override_settings(REGISTRATIONS_PER_ADDRESS=3)
def test_registrations_are_counted_before_they_are_hashed(client: Client) -> None:
    statuses = [
        post(client, "/customers", {"email": f"{number}@example.com", "password": PASSWORD}).status_code for number in range(5)
    ]
    assert statuses == [201, 201, 201, 429, 429]
    assert CustomerProfile.objects.count() == 3


def test_no_transaction_is_open_while_a_password_is_hashed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    depth: list[int] = []
    outside = len(connection.savepoint_ids)
    for module, name in ((credentials, "check_password"), (credentials, "make_password")):
        real = getattr(hashers, name)

        def noting(*arguments: Any, real: Any = real) -> Any:
            depth.append(len(connection.savepoint_ids))
            return real(*arguments)

        monkeypatch.setattr(module, name, noting)
    register(client)
    assert try_to_log_in(client, "ada@example.com").status_code == 200
    assert depth
    assert set(depth) == {outside}


def test_a_password_changed_after_it_was_checked_logs_nobody_in() -> None:
    command = RegisterCustomer(email="ada@example.com", password=PASSWORD)
    execute(command)
    login = AuthenticateCustomer(email="ada@example.com", password=PASSWORD)
    with credentials.proven_beforehand(login.email, login.password, ""):
        CustomerAccount.objects.update(password="argon2$another")
        with pytest.raises(Refused):
            execute(login)
    assert not AuthenticationSession.objects.exists()


def test_a_proof_is_good_for_the_very_command_it_was_made_for() -> None:
    execute(RegisterCustomer(email="ada@example.com", password=PASSWORD))
    proven = AuthenticateCustomer(email="ada@example.com", password=PASSWORD)
    forged = AuthenticateCustomer(email="ada@example.com", password="wrong")
    with credentials.proven_beforehand(proven.email, proven.password, ""), pytest.raises(Refused):
        execute(forged)


def test_what_is_over_is_forgotten(client: Client) -> None:
    ada = customer(client)
    try_to_log_in(client, "x@example.com", "wrong")
    AuthenticationSession.objects.update(expires_at="2020-01-01T00:00:00Z")
    kept = log_in(client)
    sql("UPDATE shop_logincounter SET window_ends_at = now() - interval '1 second'")
    execute(PurgeLogins())
    assert AuthenticationSession.objects.get().token_sha256 == digest(kept)
    assert not LoginCounter.objects.exists()
    assert send(client, "GET", ada.path, **bearer(ada.token)).status_code == 401
