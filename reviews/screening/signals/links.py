"""Links and ways to get in touch. One link is no crime: people link to manuals and pictures.

How to reach somebody is never published before a person has looked: it may be spam, and it may be somebody's private number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reviews.screening.draft import Draft
from reviews.screening.signal import Signal

ENDINGS: Final = (
    "com|net|org|info|biz|shop|store|online|site|xyz|top|club|vip|win|bet|casino|link|click|live|pro|io|co|me|ly|gg|ru|cn|de|fr|"
    "es|it|pl|nl|pt|br|uk|us|eu|ch|at|be"
)
# Every repetition is bounded and begins at a boundary: a text of 5,000 signs is read in a millisecond, whatever it is.
LINK: Final = re.compile(
    rf"(?i)\b(?:https?://|www\.)\S{{1,2000}}|(?<![\w.-])(?:[a-z0-9-]{{2,63}}\.){{1,5}}(?:{ENDINGS})\b(?:/\S{{0,2000}})?"
)
# "buy-now (dot) com": written so that filters do not see it.
HIDDEN: Final = re.compile(
    rf"(?i)(?<![\w-])\w[\w-]{{0,62}}\s{{0,3}}[\[(]?\s?(?:dot|punkt|punto|point)\s?[\])]\s{{0,3}}(?:{ENDINGS})\b"
)
SHADY: Final = re.compile(
    r"(?i)\b(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|cutt\.ly|is\.gd|rb\.gy|t\.me|wa\.me|xn--)"
    r"|https?://\d{1,3}(?:\.\d{1,3}){3}|\.(?:xyz|top|club|vip|win|bet|casino|click)\b"
)
MAIL: Final = re.compile(r"(?i)(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
PHONE: Final = re.compile(r"(?<![\w.,])(?:\+|00)(?:[\s./()-]{0,2}\d){9,15}(?!\d)")
MESSENGER: Final = re.compile(
    r"(?i)\b(?:whats\s?app|telegram|wechat|viber|signal|insta(?:gram)?|snap(?:chat)?|onlyfans|kik)\b\W{0,3}\S{0,60}[\d@]"
)
CODE: Final = re.compile(
    r"(?i)\b(?:(?:promo|discount|coupon|voucher|referral)[\s-]?code|rabatt-?code|gutschein-?code|code\s?promo|c[oó]digo"
    r"(?:\sde)?\s(?:promo\w*|descuento)|codice\ssconto|use\s(?:my\s)?code)\b\W{0,4}(?-i:[A-Z0-9]{4,})"
)


def signals(draft: Draft) -> Iterator[Signal]:
    """Links, addresses, numbers and codes in the text."""
    text = MAIL.sub(" ", draft.text)
    links = LINK.findall(text)
    if SHADY.search(text):
        yield Signal("link", 40, "Links through a shortener or to a kind of address that spam prefers.", "spam", True)
    elif len(links) > 2:
        yield Signal("link", 40, f"Has {len(links)} links.", "spam", True)
    elif links:
        yield Signal("link", 15 if len(links) == 1 else 25, "Has a link." if len(links) == 1 else "Has two links.", "spam")
    if HIDDEN.search(text):
        yield Signal("hidden link", 45, "Spells an address so that filters do not see it.", "spam", True)
    yield from _contacts(draft.text)


def _contacts(text: str) -> Iterator[Signal]:
    if MESSENGER.search(text):
        yield Signal("contact", 40, "Asks to be contacted through a messenger.", "spam", True)
    elif PHONE.search(text):
        yield Signal("contact", 30, "Has a telephone number.", "spam", True)
    elif MAIL.search(text):
        yield Signal("contact", 30, "Has an e-mail address.", "spam")
    if CODE.search(text):
        yield Signal("code", 30, "Hands out a discount code.", "spam", True)
