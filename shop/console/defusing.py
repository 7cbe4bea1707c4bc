"""Cells a spreadsheet would run as a formula: written with an apostrophe before them, and read without it."""

from typing import Final

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
GUARD: Final = "'"
_GUARDED: Final = tuple(f"{GUARD}{start}" for start in (*DANGEROUS, GUARD))


def defused(cell: str) -> str:
    """The cell as it is exported. One that begins with an apostrophe gets a second one, so that reading gives back the first."""
    return f"{GUARD}{cell}" if cell.startswith((*DANGEROUS, GUARD)) else cell


def armed(cell: str) -> str:
    """The cell as it was before it was exported; what nobody has defused stays as it is."""
    return cell[1:] if cell.startswith(_GUARDED) else cell
