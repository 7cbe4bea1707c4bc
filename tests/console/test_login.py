"""Signing in to the back office."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


def log_in(client: Client, **typed: str) -> bool:
    """Type this into the form; whether the dashboard opens afterwards."""
    answer = client.post("/admin/login/?next=/admin/", {"username": "root", "password": PASSWORD, **typed})
    assert answer.status_code in {200, 302}
    return client.get("/admin/").status_code == 200


def code_of(device: TOTPDevice) -> str:
    return f"{totp(device.bin_key, device.step, device.t0, device.digits, device.drift):06}"


def test_a_password_is_enough_where_no_second_factor_is_asked_for(client: Client, root: User) -> None:
    assert "One-time code" not in client.get("/admin/login/").text
    assert not log_in(client, password="wrong")
    assert log_in(client)


@override_settings(ADMIN_OTP_REQUIRED=True)
def test_a_password_alone_opens_nothing(client: Client, root: User) -> None:
    TOTPDevice.objects.create(user=root, name="phone")
    assert "One-time code" in client.get("/admin/login/").text
    assert not log_in(client)
    assert not log_in(client, otp_token="000000x")


@override_settings(ADMIN_OTP_REQUIRED=True)
def test_whoever_was_signed_in_by_other_means_needs_it_too(client: Client, root: User) -> None:
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/ordering/order/").status_code == 302


@override_settings(ADMIN_OTP_REQUIRED=True)
def test_the_code_of_an_authenticator_opens_once(client: Client, root: User) -> None:
    code = code_of(TOTPDevice.objects.create(user=root, name="phone"))
    assert not log_in(client, password="wrong", otp_token=code)
    assert log_in(client, otp_token=code)
    assert not log_in(Client(), otp_token=code)


@override_settings(ADMIN_OTP_REQUIRED=True)
def test_a_code_that_was_written_down_opens_once(client: Client, root: User) -> None:
    StaticDevice.objects.create(user=root, name="paper").token_set.create(token="abcdefgh")
    assert log_in(client, otp_token="abcdefgh")
    assert not log_in(Client(), otp_token="abcdefgh")


@override_settings(ADMIN_OTP_REQUIRED=True)
def test_somebody_elses_code_opens_nothing(client: Client, root: User) -> None:
    other = User.objects.create_superuser("other", password=PASSWORD)
    assert not log_in(client, otp_token=code_of(TOTPDevice.objects.create(user=other, name="phone")))


@pytest.mark.parametrize("text", ["x" * 5_000, "a\x00b", "\u202e💥", "' OR 1=1 --", ""])
def test_odd_credentials_are_refused_like_wrong_ones(client: Client, root: User, text: str) -> None:
    client.raise_request_exception = False
    assert not log_in(client, username=text, password=text)
    assert not log_in(client, username=text)


def test_an_operator_is_locked_out_here_and_not_elsewhere(client: Client, root: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post("/admin/login/", {"username": "root", "password": "wrong"})
    locked = client.post("/admin/login/", {"username": "root", "password": PASSWORD})
    assert locked.status_code == 429
    assert client.get("/admin/").status_code == 302
    assert log_in(Client(REMOTE_ADDR="203.0.113.77"))
