"""Whether a delivery address can be delivered to, as far as its form can tell.

Postal codes as the countries' postal services write them (Universal Postal Union, "Postal addressing systems").
"""

from __future__ import annotations

import re
from typing import Final

from shop.contracts.addresses import Address

POSTAL_CODES: Final = {
    "AT": re.compile(r"[1-9]\d{3}"),
    "BE": re.compile(r"[1-9]\d{3}"),
    "CH": re.compile(r"[1-9]\d{3}"),
    "DE": re.compile(r"\d{5}"),
    "DK": re.compile(r"\d{4}"),
    "ES": re.compile(r"(?:0[1-9]|[1-4]\d|5[0-2])\d{3}"),
    "FR": re.compile(r"\d{5}"),
    "GB": re.compile(r"(?:GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})", re.IGNORECASE),
    "IE": re.compile(r"[A-Z]\d[\dW] ?[A-Z\d]{4}", re.IGNORECASE),
    "IT": re.compile(r"\d{5}"),
    "NL": re.compile(r"[1-9]\d{3} ?[A-Z]{2}", re.IGNORECASE),
    "PL": re.compile(r"\d{2}-\d{3}"),
    "PT": re.compile(r"\d{4}(?:-\d{3})?"),
    "SE": re.compile(r"\d{3} ?\d{2}"),
    "US": re.compile(r"\d{5}(?:-\d{4})?"),
}


def address_problem(address: Address | None) -> str:
    """Why this address cannot be delivered to, as a sentence for the team that looks at it; empty when it can."""
    if address is None:
        return "There is no delivery address."
    for name, value in (
        ("street", address.line1),
        ("city", address.city),
        ("postal code", address.postal_code),
    ):
        if not value.strip():
            return f"The delivery address has no {name}."
    pattern = POSTAL_CODES.get(address.country_code)
    if pattern is not None and not pattern.fullmatch(address.postal_code.strip()):
        return f"The postal code is not one of {address.country_code}."
    return ""
