"""A password is never stored, and what is stored in its place is never taken for one."""

import pytest
from pydantic import SecretStr, ValidationError

from shop.contracts.customers import AccessToken, RegisterCustomer

REGISTRATION = {"email": "jane@example.org", "password": "correct horse"}


def test_a_stored_payload_holds_no_password() -> None:
    command = RegisterCustomer.read_data(REGISTRATION)

    assert command.password.get_secret_value() == "correct horse"
    assert "correct horse" not in command.payload() + str(command.data()) + repr(command)


def test_a_redacted_payload_cannot_set_a_password() -> None:
    stored = RegisterCustomer.read_data(REGISTRATION).payload()

    with pytest.raises(ValidationError, match="redacted"):
        RegisterCustomer.read(stored)


def test_a_refusal_does_not_repeat_the_password() -> None:
    with pytest.raises(ValidationError) as refusal:
        RegisterCustomer.read_data({**REGISTRATION, "password": "*" * 1_025})

    assert "secret" in str(refusal.value)
    with pytest.raises(ValidationError):
        RegisterCustomer.read_data({**REGISTRATION, "password": "7 chars"})


def test_only_the_client_who_logged_in_is_told_the_token() -> None:
    token = AccessToken(access_token=SecretStr("t0k3n"), token_type="Bearer", expires_in=3600)

    assert token.data()["accessToken"] == "**********"
    assert token.revealed() == {"accessToken": "t0k3n", "tokenType": "Bearer", "expiresIn": 3600}
