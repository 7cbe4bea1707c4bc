"""The two shapes of a postal address the contracts share."""

from typing import Annotated

from shop.contracts.base import Part
from shop.contracts.fields import Country, Name, Personal


class Address(Part):
    """Where a customer wants an order delivered. Well formed, not yet verified."""

    recipient_name: Annotated[Name | None, Personal] = None
    line1: Annotated[Name, Personal]
    line2: Annotated[Name | None, Personal] = None
    city: Annotated[Name, Personal]
    postal_code: Annotated[Name, Personal]
    country_code: Country


class ShippingAddress(Part):
    """The destination as warehouse and carrier exchange it."""

    line1: Annotated[Name, Personal]
    city: Annotated[Name, Personal]
    postcode: Annotated[Name, Personal]
    country: Country
