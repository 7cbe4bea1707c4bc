"""A failure is told without the values it happened to, and alike failures are one cause."""

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from pydantic import BaseModel, ValidationError

from shop.messaging.delivery.failure import LONGEST_BACKOFF, MAX_ATTEMPTS, Unreadable, backoff, failure_of
from shop.messaging.delivery.retrying import database_is_gone
from shop.messaging.errors import Missing
from shop.messaging.models import TimetableEntry
from shop.messaging.sets import run


def caught(work, *arguments) -> BaseException:
    try:
        work(*arguments)
    except Exception as error:  # noqa: BLE001 — what failed is what the test is about
        return error
    raise AssertionError("it did not fail")


def look_up(text: str) -> None:
    raise LookupError(text)


def look_elsewhere(text: str) -> None:
    raise LookupError(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("no order 12", "no order 977"),
        ("no 0193-", "no 7193-"),
        ("no 01933f6e-0000-7000-8000-00000000abcd", "no 01933f6e-1111-7000-8000-00000000ffff"),
        ("no shelf 'A'", "no shelf 'B7'"),
        ("<Order object at 0x7f01>", "<Order object at 0xabcdef>"),
    ],
)
def test_other_values_are_the_same_cause(one, other):
    assert failure_of(caught(look_up, one)).fingerprint == failure_of(caught(look_up, other)).fingerprint


def test_another_sentence_kind_or_place_is_another_cause():
    errors = [
        caught(look_up, "no order"),
        caught(look_up, "no shelf"),
        caught(look_elsewhere, "no order"),
        caught(int, "no order"),
    ]
    assert len({failure_of(error).fingerprint for error in errors}) == 4


def take_name(name: str) -> None:
    with transaction.atomic():
        run("INSERT INTO messaging_timetableentry VALUES (%s, now())", [name])


def take_no_name() -> None:
    with transaction.atomic():
        run("INSERT INTO messaging_timetableentry VALUES (NULL, now())")


@pytest.mark.django_db
def test_the_database_names_the_constraint_but_not_what_broke_it():
    for name in ("ada@example.com", "grace@example.com"):
        TimetableEntry.objects.create(name=name, last_sent_at="2026-01-01T00:00:00Z")
    failures = [failure_of(caught(take_name, name)) for name in ("ada@example.com", "grace@example.com")]
    assert len({failure.fingerprint for failure in failures}) == 1
    assert "messaging_timetableentry_pkey" in failures[0].error
    assert "take_name" in failures[0].error, "the handler's own function, not the mailbox's helper"
    assert "example.com" not in failures[0].error
    assert failure_of(caught(take_no_name)).fingerprint != failures[0].fingerprint


def test_a_contract_that_does_not_fit_names_fields_and_no_values():
    class Address(BaseModel):
        city: int

    error = caught(Address.model_validate, {"city": "Secret Town"})
    assert isinstance(error, ValidationError)
    assert "city" in failure_of(error).error
    assert "Secret Town" not in failure_of(error).error


def test_refusals_and_unreadable_mail_are_final_and_text_fits_its_column():
    assert failure_of(Missing("gone", "Gone.")).final
    assert failure_of(Unreadable("x")).final
    assert not failure_of(ValueError("x")).final
    assert len(failure_of(ValueError("\x00" + "x" * 10_000)).error) <= 4_000


def test_waits_double_up_to_a_ceiling_with_full_jitter():
    assert [backoff(tries, chance=1.0) for tries in range(1, MAX_ATTEMPTS)] == [1.0, 2.0, 4.0, 8.0]
    assert backoff(5, chance=0.0) == 0.0
    assert backoff(60, chance=1.0) == LONGEST_BACKOFF


@pytest.mark.parametrize(
    ("kind", "state", "gone"),
    [
        (OperationalError, "", True),
        (InterfaceError, "", True),
        (OperationalError, "57P01", True),
        (OperationalError, "08006", True),
        (OperationalError, "53100", True),
        (OperationalError, "57014", False),
        (OperationalError, "40P01", False),
        (IntegrityError, "23505", False),
        (ValueError, "", False),
    ],
)
def test_the_server_is_blamed_only_for_what_is_its_fault(kind, state, gone):
    error = kind("x")
    error.sqlstate = state
    assert database_is_gone(error) is gone


@pytest.mark.django_db
def test_a_failed_statement_is_not_a_lost_database():
    def cancel() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(5)")

    assert not database_is_gone(caught(cancel))
