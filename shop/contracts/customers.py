"""Customers: profiles and addresses, and apart from them credentials and sessions."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, model_validator

from shop.contracts.addresses import Address
from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    Email,
    Integer,
    Limit,
    Name,
    Password,
    Personal,
    Reason,
    Remark,
    RequiredName,
    Secret,
    UtcTime,
    Uuid,
)
from shop.contracts.shopping import ClaimedCart

OWNER = "customer-platform"

CustomerStatus = Literal["ACTIVE", "SUSPENDED", "CLOSED"]


class CustomerView(Part):
    """A customer's profile. Never holds anything a login needs."""

    customer_id: Uuid
    email: Email
    name: Annotated[Name | None, Personal] = None
    status: CustomerStatus
    registered_at: UtcTime | None = None


class AddressView(Address):
    """One address of a customer's address book; at most one is the default."""

    address_id: Uuid
    is_default: bool


class AddressBook(Part):
    """Every address of a customer, the default one first."""

    customer_id: Uuid
    addresses: list[AddressView]


class AccessToken(Part):
    """Proof of a login. Redacted wherever it is dumped; only ``revealed`` says the token."""

    access_token: Secret
    token_type: Literal["Bearer"]
    # Seconds from now.
    expires_in: Integer
    # What became of the cart that was filled before the login.
    cart: ClaimedCart | None = None

    def revealed(self) -> dict[str, object]:
        """The body for the client who logged in, the only place where the token is in clear."""
        return {**self.data(), "accessToken": self.access_token.get_secret_value()}


class RegisterCustomer(Command):
    """Open an account and a profile for an e-mail address nobody has registered."""

    owner = OWNER
    http = Http("POST", "/customers", (201, 400, 409))
    response = CustomerView

    email: Email
    name: Annotated[RequiredName | None, Personal] = None
    password: Password


class UpdateCustomer(Command):
    """Change the given fields of a profile; the ones left out stay as they are."""

    owner = OWNER
    key = "customer_id"
    http = Http("PATCH", "/customers/{customerId}", (200, 400, 404))
    response = CustomerView

    customer_id: Uuid
    email: Email | None = None
    name: Annotated[RequiredName | None, Personal] = None
    status: CustomerStatus | None = None
    # Why the status changes; kept with it and in the audit trail.
    reason: Annotated[Reason | None, Remark] = None


class AddCustomerAddress(Command):
    """Add an address to a customer's book. The first one becomes the default."""

    owner = OWNER
    key = "customer_id"
    http = Http("POST", "/customers/{customerId}/addresses", (201, 400, 404))
    response = AddressView

    customer_id: Uuid
    # Chosen by the sender when a repeat must find the same address.
    address_id: Uuid | None = None
    address: Annotated[Address, Personal]
    is_default: bool | None = None


class UpdateCustomerAddress(Command):
    """Replace an address of a customer's book, or make it the default one."""

    owner = OWNER
    key = "customer_id"
    http = Http("PATCH", "/customers/{customerId}/addresses/{addressId}", (200, 400, 404))
    response = AddressView

    customer_id: Uuid
    address_id: Uuid
    address: Annotated[Address | None, Personal] = None
    is_default: bool | None = None


class RemoveCustomerAddress(Command):
    """Take an address out of a customer's book. Orders keep the copy they were made with."""

    owner = OWNER
    key = "customer_id"
    http = Http("DELETE", "/customers/{customerId}/addresses/{addressId}", (204, 404))

    customer_id: Uuid
    address_id: Uuid


class AuthenticateCustomer(Command):
    """Exchange e-mail and password for a bearer token. A wrong one of either looks the same."""

    owner = OWNER
    http = Http("POST", "/oauth/token", (200, 400, 401))
    response = AccessToken

    email: Email
    password: Secret
    # The anonymous cart this client has filled: it becomes the customer's.
    cart_id: Uuid | None = None


class RevokeSession(Command):
    """End one login: its token is worthless from now on. Ending it twice is the same as once."""

    owner = OWNER
    http = Http("DELETE", "/oauth/token", (204, 401))

    session_id: Uuid


class PurgeLogins(Command):
    """Forget logins that have expired and login attempts that no longer count, at most ``limit`` of each."""

    owner = OWNER

    limit: Limit = 10_000


class RegisteredCustomer(Part):
    """The profile a registration began with."""

    customer_id: Uuid
    email: Email
    name: Annotated[Name | None, Personal] = None
    status: CustomerStatus


class CustomerRegistered(Event):
    """A profile and an account exist and can be used."""

    owner = OWNER
    key = "customer.customer_id"

    event_id: Uuid
    occurred_at: UtcTime
    customer: RegisteredCustomer


class CustomerChanges(Part):
    """The new values of the changed fields, at least one."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    email: Email | None = None
    name: Annotated[Name | None, Personal] = None
    status: CustomerStatus | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.email is None and self.name is None and self.status is None:
            raise ValueError("at least one change is needed")
        return self


class CustomerUpdated(Event):
    """A profile changed. Carries only what is new."""

    owner = OWNER
    key = "customer_id"

    event_id: Uuid
    occurred_at: UtcTime
    customer_id: Uuid
    changes: CustomerChanges


class CustomerAuthenticated(Event):
    """A customer logged in. Failed attempts are not published."""

    owner = OWNER
    key = "customer_id"

    event_id: Uuid
    occurred_at: UtcTime
    customer_id: Uuid
    method: Literal["PASSWORD", "SSO", "MFA"]
    ip_address: Annotated[Name | None, Personal] = None


class GetCustomer(Query):
    """One customer's profile."""

    owner = OWNER
    http = Http("GET", "/customers/{customerId}", (200, 404))
    response = CustomerView

    customer_id: Uuid


class GetCustomerAddresses(Query):
    """One customer's address book."""

    owner = OWNER
    http = Http("GET", "/customers/{customerId}/addresses", (200, 404))
    response = AddressBook

    customer_id: Uuid
