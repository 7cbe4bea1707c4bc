"""The door of the back office: a password, and where ``ADMIN_OTP_REQUIRED`` says so a one-time code."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django_otp import devices_for_user
from django_otp.forms import OTPAuthenticationFormMixin
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.forms import AuthenticationForm

LONGEST_USERNAME = 150  # django.contrib.auth's own
LONGEST_CODE = 16


class LoginForm(OTPAuthenticationFormMixin, AuthenticationForm):
    """Six digits are the code of an authenticator; anything else is one of the codes written down for emergencies."""

    otp_token = forms.CharField(
        label="One-time code",
        required=False,
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        # Django's form only writes this limit into the page, and failed attempts are stored under the name.
        self.fields["username"].validators.append(MaxLengthValidator(LONGEST_USERNAME))
        if settings.ADMIN_OTP_REQUIRED:
            self.fields["otp_token"].widget.attrs["class"] = self.fields["username"].widget.attrs["class"]
        else:
            del self.fields["otp_token"]

    def clean(self) -> dict[str, Any]:
        """Raises ``ValidationError`` for wrong credentials, and for a code that is missing, wrong or tried too often."""
        cleaned: dict[str, Any] = super().clean()
        self.cleaned_data = cleaned
        user = self.get_user()
        if user is not None and settings.ADMIN_OTP_REQUIRED:
            cleaned["otp_device"] = self._device(user)
            self.clean_otp(user)
        return cleaned

    def _device(self, user: Any) -> str:
        """Only the device that the code is meant for is asked, so that a wrong one locks no other."""
        code = self.cleaned_data.get("otp_token") or ""
        if not code:
            raise ValidationError("Please enter your one-time code.", code="token_required")
        from_authenticator = code.isdigit() and len(code) == 6
        fitting = [device for device in devices_for_user(user) if isinstance(device, TOTPDevice) == from_authenticator]
        if not fitting:
            raise ValidationError("This one-time code is not valid.", code="invalid_token")
        return str(fitting[0].persistent_id)
