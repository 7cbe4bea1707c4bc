"""The sizes in which a picture is shown, and where they are stored. A name always means the same, so caches may keep it."""

from typing import Final
from uuid import UUID

FOLDER: Final = "products"
LARGE: Final = 1_600  # pixels of the longer side
SMALL: Final = 320
SIZES: Final = (LARGE, SMALL)


def stored_as(image_id: UUID, size: int) -> str:
    """The name of one size in the storage."""
    return f"{FOLDER}/{image_id}/{size}.webp"


def files_of(image_id: UUID) -> list[str]:
    """The names of all sizes."""
    return [stored_as(image_id, size) for size in SIZES]
