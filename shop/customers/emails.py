"""When two e-mail addresses are the same one."""

from __future__ import annotations

import unicodedata

from shop.contracts.fields import LONGEST_EMAIL
from shop.messaging.errors import Invalid, Refused


def email_key(email: str) -> str:
    """What is compared and unique: the address without differences of case, width or accent composition.

    Raises ``Invalid`` when that is longer than an address may be: some characters are short for many.
    """
    key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email.strip()).casefold())
    if len(key) > LONGEST_EMAIL:
        raise Invalid("invalid", "The request is not valid.", errors={"email": ["This e-mail address is too long."]})
    return key


def email_taken() -> Refused:
    """Somebody has this address already, in whatever case."""
    return Refused("email_taken", "This e-mail address is registered already.", errors={"email": ["It is taken."]})
