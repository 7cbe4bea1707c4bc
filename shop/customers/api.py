"""Customers over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shop.contracts.accounts import (
    ChangePassword,
    ConfirmEmailChange,
    EndSession,
    EndSessions,
    GetSessions,
    RequestEmailChange,
    RequestPasswordReset,
    ResetPassword,
)
from shop.contracts.base import Part
from shop.contracts.customers import (
    AccessToken,
    AddCustomerAddress,
    AuthenticateCustomer,
    GetCustomer,
    GetCustomerAddresses,
    RegisterCustomer,
    RemoveCustomerAddress,
    RevokeSession,
    UpdateCustomer,
    UpdateCustomerAddress,
)
from shop.contracts.personal_data import EraseCustomer, GetPersonalData
from shop.customers.credentials import hashed_beforehand, proven_again, proven_beforehand
from shop.customers.throttling import count_registration, count_reset_request, counted_login, counted_token
from shop.customers.tokens import must_be_good
from shop.http.addresses import client_ip
from shop.http.permissions import IsCustomer, IsSelfOrOperator, Public, no_such_customer
from shop.http.replies import Reply
from shop.http.views import CommandView, QueryView
from shop.messaging.bus import ask
from shop.messaging.errors import Invalid, Refused

BeforeCommit = Callable[[Part | None], None] | None


class RegisterCustomerView(CommandView):
    """``POST /customers``"""

    command = RegisterCustomer
    also = (429,)
    permission_classes = (Public,)

    def execute(self, command: RegisterCustomer, before_commit: BeforeCommit) -> Part | None:
        count_registration(client_ip(self.request._request))
        with hashed_beforehand(command.password):
            return super().execute(command, before_commit)


class GetCustomerView(QueryView):
    """``GET /customers/{customerId}``"""

    query = GetCustomer
    permission_classes = (IsSelfOrOperator,)


class UpdateCustomerView(CommandView):
    """``PATCH /customers/{customerId}``. The status is for operators only; a customer's new e-mail address has to confirm."""

    command = UpdateCustomer
    also = (403, 409)
    permission_classes = (IsSelfOrOperator,)

    def authorise(self, message: UpdateCustomer) -> None:
        if self.principal.is_operator:
            return
        if message.status is not None or message.reason is not None:
            raise Refused("forbidden", "The status of a customer is changed by the shop.", status=403)
        if message.email is not None and message.email != ask(GetCustomer(customer_id=message.customer_id)).email:
            sentence = "Another e-mail address takes the password: POST it to /customers/{customerId}/email."
            raise Refused("password_needed", sentence, status=403)


class GetCustomerAddressesView(QueryView):
    """``GET /customers/{customerId}/addresses``"""

    query = GetCustomerAddresses
    permission_classes = (IsSelfOrOperator,)


class AddCustomerAddressView(CommandView):
    """``POST /customers/{customerId}/addresses``"""

    command = AddCustomerAddress
    permission_classes = (IsSelfOrOperator,)


class UpdateCustomerAddressView(CommandView):
    """``PATCH /customers/{customerId}/addresses/{addressId}``"""

    command = UpdateCustomerAddress
    permission_classes = (IsSelfOrOperator,)


class RemoveCustomerAddressView(CommandView):
    """``DELETE /customers/{customerId}/addresses/{addressId}``"""

    command = RemoveCustomerAddress
    permission_classes = (IsSelfOrOperator,)


class LogInView(CommandView):
    """``POST /oauth/token``. Never kept for a repeat: the answer holds the token in clear."""

    command = AuthenticateCustomer
    also = (429,)
    permission_classes = (Public,)
    idempotent = False

    def execute(self, command: AuthenticateCustomer, before_commit: BeforeCommit) -> Part | None:
        ip_address = client_ip(self.request._request)
        with (
            counted_login(command.email, ip_address),
            proven_beforehand(command.email, command.password, ip_address),
        ):
            return super().execute(command, before_commit)

    def reply(self, answer: AccessToken) -> Reply:
        return Reply.of(answer.revealed(), status=200)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        finished = super().finalize_response(request, response, *args, **kwargs)
        finished["Cache-Control"] = "no-store"
        return finished


class LogOutView(CommandView):
    """``DELETE /oauth/token``: ends the login whose token this is."""

    command = RevokeSession
    permission_classes = (IsCustomer,)
    filled = ("sessionId",)

    def fill(self, data: dict[str, Any]) -> None:
        data["sessionId"] = str(self.principal.session_id)


class GetSessionsView(QueryView):
    """``GET /customers/{customerId}/sessions``"""

    query = GetSessions
    permission_classes = (IsSelfOrOperator,)

    def fill(self, data: dict[str, Any]) -> None:
        if self.principal.session_id is not None:
            data["currentSessionId"] = str(self.principal.session_id)


class EndSessionView(CommandView):
    """``DELETE /customers/{customerId}/sessions/{sessionId}``"""

    command = EndSession
    permission_classes = (IsSelfOrOperator,)


class EndSessionsView(CommandView):
    """``DELETE /customers/{customerId}/sessions``: out everywhere, here too."""

    command = EndSessions
    permission_classes = (IsSelfOrOperator,)


class OwnAccountView(CommandView):
    """What a customer does with the own account, and nobody else. Raises ``Missing`` for somebody else's."""

    permission_classes = (IsCustomer,)

    def authorise(self, message: Any) -> None:
        if message.customer_id != self.principal.customer_id:
            raise no_such_customer()


class ChangePasswordView(OwnAccountView):
    """``POST /customers/{customerId}/password``. The old one is asked for, and guesses count like failed logins."""

    command = ChangePassword
    also = (429,)
    filled = ("keepSessionId",)

    def fill(self, data: dict[str, Any]) -> None:
        data["keepSessionId"] = str(self.principal.session_id)

    def execute(self, command: ChangePassword, before_commit: BeforeCommit) -> Part | None:
        with (
            proven_again(command.customer_id, command.password, client_ip(self.request._request)),
            hashed_beforehand(command.new_password),
        ):
            return super().execute(command, before_commit)


class RequestEmailChangeView(OwnAccountView):
    """``POST /customers/{customerId}/email``"""

    command = RequestEmailChange
    also = (429,)

    def execute(self, command: RequestEmailChange, before_commit: BeforeCommit) -> Part | None:
        with proven_again(command.customer_id, command.password, client_ip(self.request._request)):
            return super().execute(command, before_commit)


class ConfirmEmailChangeView(CommandView):
    """``POST /email-confirmations``: whoever holds the token, logged in or not."""

    command = ConfirmEmailChange
    also = (429,)
    permission_classes = (Public,)

    def execute(self, command: ConfirmEmailChange, before_commit: BeforeCommit) -> Part | None:
        with counted_token(client_ip(self.request._request)):
            return super().execute(command, before_commit)


class RequestPasswordResetView(CommandView):
    """``POST /password-resets``. Answers alike whether or not anybody has the address."""

    command = RequestPasswordReset
    also = (429,)
    permission_classes = (Public,)

    def execute(self, command: RequestPasswordReset, before_commit: BeforeCommit) -> Part | None:
        count_reset_request(command.email, client_ip(self.request._request))
        return super().execute(command, before_commit)


class ResetPasswordView(CommandView):
    """``POST /password-resets/confirm``. A token that would not work is refused before anything is hashed."""

    command = ResetPassword
    also = (429,)
    permission_classes = (Public,)

    def execute(self, command: ResetPassword, before_commit: BeforeCommit) -> Part | None:
        with counted_token(client_ip(self.request._request)):
            must_be_good(command.token)
            with hashed_beforehand(command.new_password):
                return super().execute(command, before_commit)


class GetPersonalDataView(QueryView):
    """``GET /customers/{customerId}/personal-data``: a file to keep."""

    query = GetPersonalData
    permission_classes = (IsSelfOrOperator,)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        finished = super().finalize_response(request, response, *args, **kwargs)
        finished["Cache-Control"] = "no-store"
        finished["Content-Disposition"] = 'attachment; filename="personal-data.json"'
        return finished


class EraseCustomerView(CommandView):
    """``POST /customers/{customerId}/erasure``: a customer types the password, an operator says why."""

    command = EraseCustomer
    also = (429,)
    permission_classes = (IsSelfOrOperator,)
    idempotent = False  # a repeat is answered anyway, and an answer kept would be about somebody who is to be forgotten

    def authorise(self, message: EraseCustomer) -> None:
        needed = "reason" if self.principal.is_operator else "password"
        if not getattr(message, needed):
            raise Invalid(f"{needed}_needed", "This cannot be undone.", errors={needed: ["Field required"]})

    def execute(self, command: EraseCustomer, before_commit: BeforeCommit) -> Part | None:
        if self.principal.is_operator or command.password is None:
            return super().execute(command, before_commit)
        with proven_again(command.customer_id, command.password, client_ip(self.request._request)):
            return super().execute(command, before_commit)
