"""One ``Idempotency-Key``, one effect: repeated, raced, changed, crashed."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.core.checks import run_checks
from django.db import connection, connections
from django.test import Client, override_settings

from shop.contracts.messaging import ForgetAnswers
from shop.customers.models import CustomerProfile
from shop.http import idempotency
from shop.http.models import IdempotencyKey
from shop.http.replies import Reply
from shop.messaging.bus import execute, unit_of_work
from shop.messaging.errors import LeaseLost, Refused
from shop.messaging.models import Message
from tests.http.calls import PASSWORD, bearer, log_in, post, register, send

pytestmark = pytest.mark.django_db(transaction=True)

ADA = {"email": "ada@example.com", "password": PASSWORD}
ADDRESS = {"line1": "1 Main St", "city": "Ulm", "postalCode": "89073", "countryCode": "DE"}


def sql(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_a_repeat_is_answered_with_the_first_answer(client: Client) -> None:
    first = post(client, "/customers", ADA, Idempotency_Key="one")
    again = post(client, "/customers", ADA, Idempotency_Key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again["Idempotent-Replayed"] == "true"
    assert CustomerProfile.objects.count() == 1
    assert Message.objects.filter(name="RegisterCustomer").count() == 1


def test_another_key_is_another_request(client: Client) -> None:
    post(client, "/customers", ADA, Idempotency_Key="one")
    assert post(client, "/customers", ADA, Idempotency_Key="two").status_code == 409


def test_the_same_key_with_another_body_is_refused(client: Client) -> None:
    post(client, "/customers", ADA, Idempotency_Key="one")
    response = post(client, "/customers", {**ADA, "email": "bob@example.com"}, Idempotency_Key="one")
    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    assert CustomerProfile.objects.count() == 1


def test_a_key_belongs_to_its_caller_and_its_address(client: Client) -> None:
    ada, bob = (register(client, f"{name}@example.com") for name in ("ada", "bob"))
    for person, email in ((ada, "ada@example.com"), (bob, "bob@example.com")):
        path = f"/customers/{person['customerId']}/addresses"
        token = bearer(log_in(client, email))
        response = post(client, path, {"address": ADDRESS}, Idempotency_Key="mine", **token)
        assert response.status_code == 201
        assert "Idempotent-Replayed" not in response.headers


def test_a_refused_request_leaves_the_key_free(client: Client) -> None:
    post(client, "/customers", ADA)
    assert post(client, "/customers", ADA, Idempotency_Key="one").status_code == 409
    assert post(client, "/customers", {"email": "no"}, Idempotency_Key="one").status_code == 400
    assert post(client, "/customers", {**ADA, "email": "bob@example.com"}, Idempotency_Key="one").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "umlaut-\xe4", "tab\tbed"])
def test_a_key_that_cannot_be_one_is_refused(client: Client, key: str) -> None:
    response = post(client, "/customers", ADA, Idempotency_Key=key)
    assert response.status_code == 400
    assert not CustomerProfile.objects.exists()


def test_neither_password_nor_a_plain_hash_of_it_is_kept(client: Client) -> None:
    post(client, "/customers", ADA, Idempotency_Key="one")
    row = IdempotencyKey.objects.get()
    assert PASSWORD not in row.body + row.fingerprint + row.scope
    assert len(row.fingerprint) == 64


def test_a_login_is_never_kept(client: Client) -> None:
    register(client)
    tokens = [post(client, "/oauth/token", ADA, Idempotency_Key="one").json()["accessToken"] for _ in range(2)]
    assert tokens[0] != tokens[1]
    assert not IdempotencyKey.objects.exists()


def test_fifty_at_once_have_one_effect(client: Client) -> None:
    ada = register(client)
    token, path = bearer(log_in(client)), f"/customers/{ada['customerId']}/addresses"
    start, answers = threading.Barrier(50), []

    def submit() -> None:
        start.wait()
        try:
            answers.append(post(Client(), path, {"address": ADDRESS}, Idempotency_Key="same", **token))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = [answer.status_code for answer in answers]
    assert len(statuses) == 50
    assert set(statuses) <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in made}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in made) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"request_in_progress"}
    assert all(int(answer["Retry-After"]) >= 1 for answer in answers if answer.status_code == 409)
    book = client.get(path, headers=token).json()["addresses"]
    assert len(book) == 1
    assert Message.objects.filter(name="AddCustomerAddress").count() == 1


def key(name: str = "k", body: bytes = b"{}") -> idempotency.Key:
    return idempotency.key_for(name, caller="service:test", method="POST", path="/x", body=body)


def test_while_one_runs_the_next_is_told_to_wait() -> None:
    seen: list[Refused] = []

    def work(store: Any) -> Reply:
        with pytest.raises(Refused) as refused:
            idempotency.once(key(), lambda store: Reply(200))
        seen.append(refused.value)
        store(Reply(200, "{}"))
        return Reply(200, "{}")

    idempotency.once(key(), work)
    assert seen[0].status == 409
    assert seen[0].code == "request_in_progress"
    assert idempotency.once(key(), work).replayed


def test_a_claim_whose_owner_died_can_be_taken_once_its_lease_is_over() -> None:
    dead = key()
    assert idempotency._claim(dead) is None
    with pytest.raises(Refused):
        idempotency.once(key(), lambda store: Reply(200))
    sql("UPDATE shop_idempotencykey SET leased_until = now() - interval '1 second'")
    assert idempotency._claim(key()) is None


def by_the_quick_one(store: Any) -> Reply:
    reply = Reply(200, '{"by": "quick"}')
    store(reply)
    return reply


def test_who_lost_the_lease_cannot_commit() -> None:
    slow, quick = key(), key()
    marker = uuid4()

    def overtaken(store: Any) -> Reply:
        sql("UPDATE shop_idempotencykey SET leased_until = now() - interval '1 second'")
        idempotency.once(quick, by_the_quick_one)
        with unit_of_work():
            CustomerProfile.objects.create(id=marker, email="slow@example.com", email_key="slow@example.com")
            store(Reply(200, '{"by": "slow"}'))
        raise AssertionError("the fence let it through")

    with pytest.raises(LeaseLost):
        idempotency.once(slow, overtaken)
    assert not CustomerProfile.objects.filter(pk=marker).exists()
    assert IdempotencyKey.objects.get().body == '{"by": "quick"}'


def test_the_answer_commits_with_the_effect_or_not_at_all(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise LeaseLost("taken over")

    monkeypatch.setattr(idempotency, "_store", lost)
    assert post(client, "/customers", ADA, Idempotency_Key="one").status_code == 409
    assert not CustomerProfile.objects.exists()
    assert not Message.objects.exists()


def test_old_answers_are_forgotten_and_young_ones_kept(client: Client) -> None:
    for name in ("old", "young"):
        post(client, "/customers", {**ADA, "email": f"{name}@example.com"}, Idempotency_Key=name)
    sql("UPDATE shop_idempotencykey SET created_at = now() - interval '3 days' WHERE key = 'old'")
    execute(ForgetAnswers())
    assert [row.key for row in IdempotencyKey.objects.all()] == ["young"]


def test_a_key_on_an_unsafe_request_that_is_repeatable_by_itself_is_ignored(client: Client) -> None:
    ada = register(client)
    token, path = bearer(log_in(client)), f"/customers/{ada['customerId']}"
    assert send(client, "PATCH", path, {"name": "Ada"}, Idempotency_Key="one", **token).status_code == 200
    assert not IdempotencyKey.objects.exists()


def test_answers_kept_for_less_than_a_day_are_no_setting() -> None:
    assert run_checks(tags=["http"]) == []
    with override_settings(IDEMPOTENCY_KEEP_HOURS=23):
        assert [message.id for message in run_checks(tags=["http"])] == ["http.E001"]
