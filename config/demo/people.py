"""Who buys in the example shop: made-up people at made-up addresses with postcodes of the right form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shop.contracts.addresses import Address

FIRST: Final = (
    "Amelia", "Oliver", "Isla", "George", "Ava", "Noah", "Mia", "Arthur", "Freya", "Leo", "Priya", "Mohammed", "Grace", "Oscar",
    "Aisha", "Theo", "Niamh", "Kofi", "Zofia", "Daniel",
)  # fmt: skip
LAST: Final = (
    "Hughes", "Patel", "Murray", "Okafor", "Bennett", "Kowalska", "Fraser", "Ahmed", "Whitaker", "Lloyd", "Sharma", "Byrne",
    "Clarke", "Osei", "Turner",
)  # fmt: skip
STREETS: Final = (
    "Station Road", "Mill Lane", "Church Street", "Victoria Terrace", "Park Avenue", "Orchard Close", "Queen's Road",
)  # fmt: skip
TOWNS: Final = (
    ("Leeds", "LS"), ("Bristol", "BS"), ("Sheffield", "S"), ("Cardiff", "CF"), ("Norwich", "NR"), ("York", "YO"),
    ("Edinburgh", "EH"), ("Brighton", "BN"), ("Nottingham", "NG"), ("Belfast", "BT"), ("Exeter", "EX"),
)  # fmt: skip
LETTERS: Final = "ABDEFGHJLN"


@dataclass(frozen=True, slots=True)
class Person:
    """One customer to be."""

    name: str
    email: str
    address: Address


def people() -> Iterator[Person]:
    """Three hundred people, always the same and in the same order, no two with one e-mail address."""
    for number in range(len(FIRST) * len(LAST)):
        first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST)]
        yield person(first, last, number, f"{first}.{last}@example.com".lower())


def person(first: str, last: str, number: int, email: str) -> Person:
    """Somebody of that name; ``number`` picks the address."""
    town, area = TOWNS[number % len(TOWNS)]
    postcode = f"{area}{1 + number % 9} {1 + number % 8}{LETTERS[number % 10]}{LETTERS[(number // 10) % 10]}"
    address = Address(
        recipient_name=f"{first} {last}",
        line1=f"{1 + number % 140} {STREETS[number % len(STREETS)]}",
        city=town,
        postal_code=postcode,
        country_code="GB",
    )
    return Person(f"{first} {last}", email, address)
