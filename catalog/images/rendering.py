"""Making the sizes of a picture. It reads and writes the storage and takes its time, so it is done between two transactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from catalog.images.gateways.pictures import NoPicture, make_sizes
from catalog.images.models import ProductImage
from catalog.images.sizes import SIZES, files_of, stored_as
from catalog.images.states import ImageState
from shop.contracts.feeds import DiscardFiles
from shop.contracts.products import RenderProductImage
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.handlers import Call, Called, Outside
from shop.messaging.sets import locked

Batch = Sequence[Envelope[RenderProductImage]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture to be drawn, from which stored file."""

    image_id: UUID
    stored: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """Width and height of the largest size, or why there is none."""

    size: tuple[int, int] = (0, 0)
    reason: str = ""


def prepare(batch: Batch) -> list[Call[Drawing]]:
    """The pictures of these commands that are still to be made."""
    waiting = ProductImage.objects.filter(
        pk__in={envelope.message.image_id for envelope in batch}, status=ImageState.PROCESSING
    ).in_bulk()
    return [
        Call(envelope, Drawing(row.pk, f"uploads/{row.upload}"))
        for envelope in batch
        if (row := waiting.get(envelope.message.image_id)) is not None
    ]


def call(drawing: Drawing) -> Drawn:
    """Draw all sizes of one picture. What is no picture is a result; a storage that fails is an error, and is tried again."""
    try:
        return Drawn(make_sizes(drawing.stored, {size: stored_as(drawing.image_id, size) for size in SIZES}))
    except NoPicture as no:
        return Drawn(reason=str(no))
    except FileNotFoundError:
        return Drawn(reason="The uploaded file is gone.")


def record(called: Sequence[Called[Drawing, Drawn]]) -> None:
    """Say of each picture that it is ready, or why it never will be. What was removed meanwhile leaves no files."""
    rows = {row.pk: row for row in locked(ProductImage, {each.intent.image_id for each in called})}
    for each in called:
        row = rows.get(each.intent.image_id)
        if row is None:
            send(DiscardFiles(names=files_of(each.intent.image_id)), cause=each.envelope)
            continue
        if row.status != ImageState.PROCESSING:
            continue
        if each.result.reason:
            row.reject(each.result.reason)
        else:
            row.finish(*each.result.size)
        row.save(update_fields=["status", "width", "height", "reason"])


RENDER: Final = Outside("catalog.images.render_product_image", prepare=prepare, call=call, record=record, batch_size=8, threads=2)
