"""From the cells of a row to what a product would be, or what is wrong with them. Empty optional cells change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from catalog.feeds.reading import Layout
from catalog.products.currencies import CURRENCIES
from catalog.products.models import HIGHEST_PRICE
from catalog.products.states import ProductState
from shop.console.defusing import armed
from shop.console.formats import decimals_of
from shop.contracts.fields import LONGEST_NAME, LONGEST_TEXT

PRICE: Final = re.compile(r"(\d{1,13})(?:\.(\d{1,3}))?")
STATUSES: Final = frozenset({"", *ProductState.values})
SHOWN: Final = 40

# line, sku, name, description, price, currency, category, status, errors
Staged = tuple[int, str, str, str, int | None, str, str, str, str]


def understand(layout: Layout, line: int, cells: Sequence[str]) -> Staged:
    """The row as it is staged. ``errors`` says everything that is wrong with it, and is empty for a good one."""
    if len(cells) != layout.width:
        sku = cells[layout.columns["sku"]] if len(cells) > layout.columns["sku"] else ""
        return (line, _short(sku), "", "", None, "", "", "", f"{len(cells)} cells where the first line has {layout.width}")
    columns = layout.columns
    sku, name, price_text, currency, description, category, status = (
        armed(cells[columns[column]]) if column in columns else ""
        for column in ("sku", "name", "price", "currency", "description", "category", "status")
    )
    currency, status = currency.strip().upper(), status.strip().upper()
    sku, name, category = sku.strip(), name.strip(), category.strip()
    price = _price(price_text.strip(), currency)
    if (
        price is not None and sku and name and sku.isprintable() and currency in CURRENCIES and status in STATUSES
        and len(sku) <= LONGEST_NAME and len(name) <= LONGEST_NAME and len(category) <= LONGEST_NAME
        and len(description) <= LONGEST_TEXT and "\x00" not in name and "\x00" not in description and "\x00" not in category
    ):  # fmt: skip
        return (line, sku, name, description, price, currency, category, status, "")
    errors = "; ".join(_wrong(sku, name, price_text.strip(), currency, description, category, status))
    return (line, _short(sku), _short(name), "", price, _short(currency), _short(category), _short(status), errors)


def _price(text: str, currency: str) -> int | None:
    """Minor units; ``None`` for what is no price in this currency."""
    found = PRICE.fullmatch(text)
    if found is None or not text.isascii():
        return None
    digits, decimals = found[2] or "", decimals_of(currency)
    if digits[decimals:].strip("0"):
        return None
    price = int(found[1]) * 10**decimals + int(digits[:decimals].ljust(decimals, "0") or 0)
    return price if price <= HIGHEST_PRICE else None


def _wrong(sku: str, name: str, price: str, currency: str, description: str, category: str, status: str) -> Iterator[str]:
    yield from (f"{column} is empty" for column, text in (("sku", sku), ("name", name)) if not text)
    if not sku.isprintable():
        yield "sku has characters that cannot be seen"
    if currency not in CURRENCIES:
        yield f"currency {_quoted(currency)} is none (ISO 4217)"
    elif _price(price, currency) is None:
        yield f"price {_quoted(price)} is none in {currency}: write it like {'1234.50' if decimals_of(currency) else '1234'}"
    if status not in STATUSES:
        yield f"status {_quoted(status)} is none of {', '.join(ProductState.values)}"
    for column, text in (("sku", sku), ("name", name), ("category", category), ("description", description)):
        yield from _unstorable(column, text)


def _unstorable(column: str, text: str) -> Iterator[str]:
    most = LONGEST_TEXT if column == "description" else LONGEST_NAME
    if len(text) > most:
        yield f"{column} has {len(text)} characters, at most {most}"
    if "\x00" in text:
        yield f"{column} contains the character U+0000"


def _quoted(text: str) -> str:
    return f"“{_short(text)}”"


def _short(text: str) -> str:
    shown = text.replace("\x00", "")
    return shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 1]}…"
