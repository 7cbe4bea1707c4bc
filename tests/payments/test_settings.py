"""Settings under which money could not be kept safe stop the process at its start."""

import pytest
from django.core.checks import run_checks


def codes() -> list[str | None]:
    return [message.id for message in run_checks(tags=["payments"])]


def test_the_settings_of_the_tests_will_do() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("STRIPE_WEBHOOK_SECRET", " ", "payments.E001"),
        ("FRAUD_UNAVAILABLE_VERDICT", "maybe", "payments.E002"),
        ("PAYMENTS_CAPTURE_ON", "whenever", "payments.E003"),
    ],
)
def test_each_mistake_is_named(settings, name: str, value: str, code: str) -> None:
    setattr(settings, name, value)
    assert codes() == [code]
