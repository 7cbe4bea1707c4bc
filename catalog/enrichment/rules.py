"""What can be told about a product from its own texts. The same texts always give the same, and every finding says which rule
made it from which words: nothing is guessed, nothing is asked of anybody outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.utils.text import slugify

from catalog.enrichment.vocabulary import COLOURS, MATERIALS, STOP_WORDS, UNITS

VERSION: Final = 1
MOST_KEYWORDS: Final = 20
LONGEST_SLUG: Final = 80

_WORD: Final = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_NUMBER: Final = r"\d{1,6}(?:[.,]\d{1,3})?"
_DIMENSIONS: Final = re.compile(
    rf"({_NUMBER})\s*[x\u00d7]\s*({_NUMBER})(?:\s*[x\u00d7]\s*({_NUMBER}))?\s*(mm|cm|m|inch)\b", re.IGNORECASE
)
_MEASURE: Final = re.compile(rf"(?<![\w.,])({_NUMBER})\s*({'|'.join(sorted(UNITS, key=len, reverse=True))})\b", re.IGNORECASE)
_PIECES: Final = re.compile(r"\b(?:set|pack|box) of (\d{1,4})\b", re.IGNORECASE)
_CLOTHING: Final = re.compile(r"(?:^|[\s,(])(XXS|XS|S|M|L|XL|XXL)(?:$|[\s,)])")


@dataclass(frozen=True, slots=True)
class Texts:
    """What the rules look at."""

    product_id: UUID
    name: str
    description: str
    category: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: what, by which rule, from which words."""

    name: str
    value: str
    rule: str
    words: str


@dataclass(slots=True)
class Enriched:
    """What the rules made of the texts. ``why`` has one entry per finding: field, rule, words."""

    slug: str
    keywords: list[str]
    attributes: list[tuple[str, str]]
    description: str
    why: list[tuple[str, str, str]] = field(default_factory=list)


def enrich(texts: Texts) -> Enriched:
    """Everything the rules find. ``description`` is what to say of a product that has none."""
    found = list(_attributes(texts.name))
    keywords = _keywords(texts)
    enriched = Enriched(
        slug=_slug(texts),
        keywords=keywords,
        attributes=[(each.name, each.value) for each in found],
        description=_sentence(texts, found),
    )
    enriched.why = [
        ("slug", "name and end of the id", texts.name),
        ("keywords", "words of name and category without stop words", ", ".join(keywords)),
        *((each.name, each.rule, each.words) for each in found),
    ]
    return enriched


def _slug(texts: Texts) -> str:
    """Readable, and unique by the end of the id, which differs between neighbours."""
    plain = slugify(texts.name)[:LONGEST_SLUG].strip("-")
    return f"{plain}-{texts.product_id.hex[-12:]}" if plain else texts.product_id.hex[-12:]


def _keywords(texts: Texts) -> list[str]:
    words = (word.casefold() for word in _WORD.findall(f"{texts.name} {texts.category}"))
    wanted = (word for word in words if len(word) > 1 and not word.isdigit() and word not in STOP_WORDS)
    return list(dict.fromkeys(word[:200] for word in wanted))[:MOST_KEYWORDS]


def _attributes(text: str) -> Iterator[Finding]:
    """At most one of each kind: the first that is named."""
    yield from _dimensions(text)
    yield from _measures(_DIMENSIONS.sub(" ", text))
    if pieces := _PIECES.search(text):
        yield Finding("pieces", str(int(pieces[1])), "a set of so many", pieces[0])
    if size := _CLOTHING.search(text):
        yield Finding("size", size[1], "a size of clothes by itself", size[1])
    yield from _known_words(text)


def _dimensions(text: str) -> Iterator[Finding]:
    if found := _DIMENSIONS.search(text):
        sides = [_amount(side, found[4].lower()) for side in found.groups()[:3] if side]
        yield Finding("dimensions", f"{' x '.join(sides)} mm", "numbers with x between them and a unit of length", found[0])


def _measures(text: str) -> Iterator[Finding]:
    seen = set()
    for found in _MEASURE.finditer(text):
        kind, _, base = UNITS[found[2].lower()]
        if kind not in seen:
            seen.add(kind)
            yield Finding(kind, f"{_amount(found[1], found[2].lower())} {base}", f"a number with a unit of {kind}", found[0])


def _known_words(text: str) -> Iterator[Finding]:
    plain = text.casefold()
    colour = next((word for word in _WORD.findall(plain) if word in COLOURS), None)
    if colour:
        yield Finding("colour", colour, "a colour we know", colour)
    material = next((word for word in sorted(MATERIALS, key=len, reverse=True) if re.search(rf"\b{word}\b", plain)), None)
    if material:
        yield Finding("material", MATERIALS[material], "a material we know", material)


def _amount(number: str, unit: str) -> str:
    """In the base unit, without a trailing zero: 1.7 l are 1700 ml."""
    return f"{float(number.replace(',', '.')) * UNITS[unit][1]:.3f}".rstrip("0").rstrip(".")


def _sentence(texts: Texts, found: list[Finding]) -> str:
    """Nothing, if it would only say the name again."""
    if not found and not texts.category:
        return ""
    facts = ", ".join(f"{each.name} {each.value}" for each in found)
    place = f" in {texts.category}" if texts.category else ""
    return f"{texts.name}{place}.{f' {facts[0].upper()}{facts[1:]}.' if facts else ''}"
