"""The words the rules know. Adding one is a new version of the rules (``catalog/enrichment/rules.py``)."""

from typing import Final

_COLOURS: Final = """
    amber anthracite beige black blue bronze brown burgundy charcoal copper coral cream emerald gold graphite green grey
    indigo ivory khaki lavender lilac magenta mint mustard natural navy oat ochre olive orange peach pink purple red
    rose rust sage sand silver tan taupe teal terracotta turquoise violet white yellow
"""
_STOP_WORDS: Final = "a an and as at by for from in into of off on or per set the to up with without"

COLOURS: Final = frozenset(_COLOURS.split())
MATERIALS: Final = {
    "aluminium": "aluminium", "ash": "ash", "bamboo": "bamboo", "beech": "beech", "brass": "brass", "canvas": "canvas",
    "cast iron": "cast iron", "cast-iron": "cast iron", "ceramic": "ceramic", "cork": "cork", "corduroy": "corduroy",
    "cotton": "cotton", "enamel": "enamel", "felt": "felt", "glass": "glass", "leather": "leather", "linen": "linen",
    "marble": "marble", "merino": "merino wool", "oak": "oak", "percale": "cotton", "pine": "pine", "porcelain": "porcelain",
    "silk": "silk", "stainless steel": "stainless steel", "steel": "steel", "stoneware": "stoneware",
    "velvet": "velvet", "walnut": "walnut", "wooden": "wood", "wood": "wood", "wool": "wool",
}  # fmt: skip
# Unit as written, what it measures, and how many of the base unit it is.
UNITS: Final = {
    "mm": ("length", 1, "mm"), "cm": ("length", 10, "mm"), "m": ("length", 1_000, "mm"), "inch": ("length", 25.4, "mm"),
    "g": ("weight", 1, "g"), "kg": ("weight", 1_000, "g"),
    "ml": ("volume", 1, "ml"), "cl": ("volume", 10, "ml"), "l": ("volume", 1_000, "ml"),
}  # fmt: skip
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())
