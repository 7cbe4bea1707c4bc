"""What the example shop sells: items of each category in their variants, with prices in pence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CURRENCY: Final = "GBP"
COLOURS: Final = ("graphite", "oat", "sage", "rust")
SIZES: Final = ("S", "M", "L", "XL")

# Category, prefix of its SKUs, variants, and its items with their price.
RANGES: Final[tuple[tuple[str, str, tuple[str, ...], tuple[tuple[str, int], ...]], ...]] = (
    (
        "Kitchen",
        "KIT",
        COLOURS,
        (
            ("Stovetop kettle 1.7 l", 5_450),
            ("Enamel casserole 4 l", 8_900),
            ("Cast-iron skillet 26 cm", 4_600),
            ("Pour-over coffee set", 3_850),
            ("Pepper mill", 2_400),
        ),
    ),
    (
        "Tableware",
        "TAB",
        COLOURS,
        (
            ("Stoneware dinner plates, set of 4", 4_200),
            ("Breakfast bowls, set of 4", 2_950),
            ("Espresso cups, set of 2", 1_650),
            ("Linen napkins, set of 4", 2_150),
            ("Water carafe 1 l", 1_900),
        ),
    ),
    (
        "Bedding",
        "BED",
        COLOURS,
        (
            ("Washed linen duvet cover, double", 12_900),
            ("Percale fitted sheet, king", 4_700),
            ("Wool throw 130 x 180 cm", 7_800),
            ("Feather pillow, firm", 3_600),
        ),
    ),
    (
        "Bathroom",
        "BTH",
        COLOURS,
        (("Waffle bath towel", 2_300), ("Bath mat", 1_950), ("Soap dish", 1_150), ("Oak bath caddy", 4_350)),
    ),
    (
        "Lighting",
        "LIT",
        COLOURS,
        (("Desk lamp", 6_900), ("Pendant shade 40 cm", 5_200), ("Bedside lamp", 4_400), ("String of lights 10 m", 1_850)),
    ),
    (
        "Clothing",
        "CLO",
        SIZES,
        (
            ("Merino crew-neck jumper", 7_900),
            ("Oxford shirt", 5_500),
            ("Organic cotton T-shirt", 2_200),
            ("Selvedge jeans", 9_400),
            ("Rain jacket", 11_900),
            ("Corduroy overshirt", 8_300),
        ),
    ),
    (
        "Stationery",
        "STA",
        COLOURS,
        (
            ("Dotted notebook A5", 1_250),
            ("Fountain pen, fine nib", 3_200),
            ("Desk pad", 2_800),
            ("Pencil case", 1_600),
            ("Wall planner", 1_450),
        ),
    ),
    (
        "Bags",
        "BAG",
        COLOURS,
        (("Canvas tote", 2_600), ("Roll-top backpack 20 l", 8_700), ("Weekend bag", 10_800), ("Laptop sleeve 14 inch", 3_400)),
    ),
    (
        "Garden",
        "GAR",
        COLOURS,
        (
            ("Watering can 5 l", 3_100),
            ("Terracotta planter 28 cm", 2_700),
            ("Secateurs", 2_900),
            ("Folding garden chair", 6_400),
            ("Bird feeder", 1_800),
        ),
    ),
    (
        "Toys",
        "TOY",
        COLOURS,
        (
            ("Wooden train set", 4_900),
            ("Stacking rings", 1_700),
            ("Knitted rabbit", 2_100),
            ("Marble run", 5_300),
            ("Kite", 1_950),
        ),
    ),
    (
        "Sport",
        "SPO",
        COLOURS,
        (("Yoga mat 5 mm", 3_700), ("Insulated bottle 750 ml", 2_450), ("Running belt", 1_850), ("Foam roller", 2_250)),
    ),
    (
        "Coffee and tea",
        "CAF",
        ("250 g", "500 g", "1 kg", "gift tin"),
        (
            ("House espresso, whole bean", 1_050),
            ("Ethiopia Guji, filter", 1_290),
            ("Decaf Colombia", 1_150),
            ("English breakfast, loose leaf", 780),
            ("Sencha, loose leaf", 920),
            ("Chai, loose leaf", 850),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Good:
    """One product to be. ``price`` in minor units of ``CURRENCY``."""

    sku: str
    name: str
    category: str
    price: int


def goods() -> Iterator[Good]:
    """The whole range, always the same and in the same order; a bigger variant costs a little more."""
    for category, prefix, variants, items in RANGES:
        for number, (name, price) in enumerate(items, start=1):
            for step, variant in enumerate(variants):
                sku = f"{prefix}-{number:02}-{variant.replace(' ', '').upper()}"
                yield Good(sku, f"{name}, {variant}", category, price + (step * price // 20 if variants is not COLOURS else 0))
