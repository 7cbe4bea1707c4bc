"""Which carrier takes what where: one table, read from the top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

HOME, EUROPE, WORLD = "home", "Europe", "the world"
EUROPEAN: Final = frozenset({
    "AD", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
    "LT", "LU", "LV", "MC", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "SM", "VA",
})  # fmt: skip
# How fast an order was promised, and the service that keeps the promise. Nobody but the fastest is fast enough for today.
SERVICES: Final = {"STANDARD": "STANDARD", "EXPEDITED": "EXPRESS", "SAME_DAY": "NEXT_DAY"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A carrier, and the service to book with it."""

    carrier: str
    service: str


TABLE: Final = {
    # to       wanted               carrier            booked as
    (HOME, "STANDARD"): Choice("Parcel Post", "STANDARD"),
    (HOME, "EXPRESS"): Choice("Swift Courier", "EXPRESS"),
    (HOME, "NEXT_DAY"): Choice("Swift Courier", "NEXT_DAY"),
    (EUROPE, "STANDARD"): Choice("Euro Road", "STANDARD"),
    (EUROPE, "EXPRESS"): Choice("Euro Road", "EXPRESS"),
    (EUROPE, "NEXT_DAY"): Choice("World Air", "EXPRESS"),  # nobody is there the next day
    (WORLD, "STANDARD"): Choice("World Air", "STANDARD"),
    (WORLD, "EXPRESS"): Choice("World Air", "EXPRESS"),
    (WORLD, "NEXT_DAY"): Choice("World Air", "EXPRESS"),
}


def choose(country: str, priority: str, *, service: str | None = None, carrier: str | None = None) -> Choice:
    """Who takes an order of this priority to this country (ISO 3166-1). A wished service or carrier wins over the table."""
    found = TABLE[zone_of(country), service or SERVICES[priority]]
    return Choice(carrier or found.carrier, service or found.service)


def zone_of(country: str) -> str:
    """Where a country is, seen from ``SHIPPING_HOME_COUNTRY``."""
    if country == settings.SHIPPING_HOME_COUNTRY:
        return HOME
    return EUROPE if country in EUROPEAN else WORLD
