"""Looking at and resizing files that strangers made: by content, never by name, and never unpacking more than fits.

Nothing of the original gets into what is served: every size is drawn anew, without its metadata (where it was taken, say).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000  # 150 MB once unpacked
LEAST_SIDE: Final = 50
LONGEST_SIDE: Final = 15_000
QUALITY: Final = 82


class NoPicture(Exception):
    """The file is not a picture that can be shown; the message says why, in a sentence for whoever uploaded it."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file says it is."""

    format: str
    width: int
    height: int


def look(file: IO[bytes], size: int) -> Looked:
    """What this file is, from its first bytes: nothing is unpacked. Raises ``NoPicture``."""
    if size > MOST_BYTES:
        raise NoPicture(f"It has {size:,} bytes; a picture has at most {MOST_BYTES:,}.")
    with _opened(file) as image:
        return Looked(str(image.format), *image.size)


def make_sizes(stored: str, targets: Mapping[int, str]) -> tuple[int, int]:
    """Draw each size of the stored file anew and store it under its name; width and height of the largest.

    Doing it again replaces them by the same. Raises ``NoPicture``.
    """
    with default_storage.open(stored) as file, _opened(file) as image:
        try:
            upright = ImageOps.exif_transpose(image)
            drawn = upright.convert("RGBA" if "transparency" in upright.info or upright.mode in {"RGBA", "LA", "PA"} else "RGB")
        except (OSError, ValueError, SyntaxError, MemoryError) as error:
            raise NoPicture(f"It is damaged: {type(error).__name__}.") from None
        sizes = [_store(drawn, side, targets[side]) for side in sorted(targets, reverse=True)]
    return sizes[0]


def _opened(file: IO[bytes]) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own, lower limit is below
            image = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError:
        raise NoPicture(f"It has more pixels than the {MOST_PIXELS:,} that are taken at most.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise NoPicture(f"It is none of {', '.join(FORMATS)}.") from None
    width, height = image.size
    if min(width, height) < LEAST_SIDE:
        raise NoPicture(f"It has {width} by {height} pixels; at least {LEAST_SIDE} are needed on each side.")
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise NoPicture(
            f"It has {width} by {height} pixels; at most {MOST_PIXELS:,} in all and {LONGEST_SIDE:,} on a side are taken."
        )
    return image


def _store(drawn: Image.Image, side: int, name: str) -> tuple[int, int]:
    sized = drawn.copy()
    sized.thumbnail((side, side), Image.Resampling.LANCZOS)
    packed = io.BytesIO()
    sized.save(packed, "WEBP", quality=QUALITY, method=4)
    default_storage.delete(name)
    default_storage.save(name, ContentFile(packed.getvalue()))
    return sized.size
