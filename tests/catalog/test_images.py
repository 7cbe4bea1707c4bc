"""Uploads and pictures: judged by content, made afterwards, served without what was uploaded."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from catalog.images.models import ProductImage
from catalog.uploads.models import Upload
from shop.contracts.feeds import PruneUploads
from shop.contracts.products import (
    AddProductImage,
    ArrangeProductImages,
    GetProduct,
    ImageView,
    RemoveProductImage,
)
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.sets import run
from tests.catalog.feeds import deliver, uploaded
from tests.catalog.products import product
from tests.http.calls import post, send
from tests.http.endpoints import service_token

pytestmark = pytest.mark.django_db

RENDER, DISCARD = "catalog.images.render_product_image", "catalog.uploads.discard_files"


def picture(kind: str = "JPEG", size: tuple[int, int] = (400, 200), **more: Any) -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", size, (20, 90, 60)).save(packed, kind, **more)
    return packed.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A few bytes that would unpack to ``width`` by ``height``."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def added(product_id: Any, content: bytes, **given: Any) -> ImageView:
    view: ImageView = execute(AddProductImage(product_id=product_id, upload_id=uploaded(content, "photo.jpg"), **given))
    return view


def images_of(product_id: Any) -> list[ImageView]:
    return ask(GetProduct(product_id=product_id)).images or []


def test_a_picture_is_made_afterwards_and_then_has_addresses(client: Any) -> None:
    made = product()
    where_it_was_taken = Image.Exif()
    where_it_was_taken[0x010E] = "taken at home"
    where_it_was_taken[0x0112] = 6  # lying on its side
    waiting = added(made.product_id, picture(size=(3200, 1600), exif=where_it_was_taken), alternative_text="A lamp")
    assert (waiting.status, waiting.url) == ("PROCESSING", None)
    assert "images" not in client.get(f"/products/{made.product_id}").json()
    deliver(RENDER)
    (ready,) = images_of(made.product_id)
    assert (ready.status, ready.width, ready.height, ready.alternative_text) == ("READY", 800, 1600, "A lamp")
    for address, sides in ((ready.url, (800, 1600)), (ready.thumbnail_url, (160, 320))):
        answer = client.get(address)
        content = b"".join(answer.streaming_content)
        with Image.open(io.BytesIO(content)) as shown:
            assert (shown.format, shown.size) == ("WEBP", sides)
        assert b"taken at home" not in content
        assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "none of JPEG, PNG, WEBP"),
        (picture("GIF"), "none of JPEG, PNG, WEBP"),
        (b"\xff\xd8\xff\xe0 not really", "none of JPEG, PNG, WEBP"),
        (picture(size=(40, 400)), "at least 50"),
        (png_that_says(60_000, 60_000), "at most"),
        (png_that_says(20_000, 100), "at most"),
    ],
)
def test_what_is_no_picture_is_refused_before_it_is_unpacked(content: bytes, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        added(product().product_id, content)
    assert told in refused.value.message
    assert not ProductImage.objects.exists()


def test_a_damaged_picture_is_rejected_with_the_reason() -> None:
    made = product()
    added(made.product_id, picture(size=(900, 900), quality=95)[:-400].replace(b"\xff\xd9", b""))
    added(made.product_id, png_that_says(3000, 3000))
    deliver(RENDER)
    assert images_of(made.product_id)[-1].status == "REJECTED"
    assert "damaged" in str(images_of(made.product_id)[-1].reason)


def test_pictures_are_arranged_and_removed_with_their_files() -> None:
    made = product()
    first, second = (added(made.product_id, picture(size=(100 + n, 100))) for n in range(2))
    deliver(RENDER)
    order = [second.image_id, first.image_id]
    execute(ArrangeProductImages(product_id=made.product_id, image_ids=order))
    assert [each.image_id for each in images_of(made.product_id)] == order
    with pytest.raises(Invalid):
        execute(ArrangeProductImages(product_id=made.product_id, image_ids=[first.image_id]))
    execute(RemoveProductImage(product_id=made.product_id, image_id=first.image_id))
    with pytest.raises(Missing):
        execute(RemoveProductImage(product_id=made.product_id, image_id=first.image_id))
    deliver(DISCARD)
    there = [default_storage.exists(f"products/{each.image_id}/320.webp") for each in (first, second)]
    assert there == [False, True]
    assert Upload.objects.count() == 1


def test_one_that_is_removed_while_it_is_made_leaves_no_files() -> None:
    made = product()
    view = added(made.product_id, picture())
    ProductImage.objects.filter(pk=view.image_id).delete()
    deliver(RENDER, DISCARD)
    assert not default_storage.exists(f"products/{view.image_id}/320.webp")


def test_an_upload_is_added_once_and_a_product_has_enough_at_some_point() -> None:
    made, upload = product(), uploaded(picture())
    first = execute(AddProductImage(product_id=made.product_id, upload_id=upload))
    assert execute(AddProductImage(product_id=made.product_id, upload_id=upload)).image_id == first.image_id
    for number in range(19):
        added(made.product_id, picture(size=(60 + number, 60)))
    with pytest.raises(Refused):
        added(made.product_id, picture())
    for unknown in ({"product_id": uuid4(), "upload_id": upload}, {"product_id": product().product_id, "upload_id": uuid4()}):
        with pytest.raises(Missing):
            execute(AddProductImage(**unknown))


def test_over_http_the_body_is_the_file(client: Any, settings: Any) -> None:
    service, made = service_token("catalog:write"), product()
    headers = {**service, "X-File-Name": "..%2Fmy%20lamp.jpg"}
    stored = client.generic("POST", "/uploads", picture(), content_type="image/jpeg", headers=headers)
    assert (stored.status_code, stored.json()["fileName"]) == (201, "my lamp.jpg")
    body = {"uploadId": stored.json()["uploadId"]}
    answer = post(client, f"/products/{made.product_id}/images", body, **service)
    assert (answer.status_code, answer.json()["status"]) == (202, "PROCESSING")
    image = answer.json()["imageId"]
    order = post(client, f"/products/{made.product_id}/images/order", {"imageIds": [image]}, **service)
    assert order.status_code == 200
    assert send(client, "DELETE", f"/products/{made.product_id}/images/{image}", **service).status_code == 204
    settings.UPLOAD_MAX_BYTES = 100
    refusals = {
        413: ("image/jpeg", picture(), headers),
        400: ("image/jpeg", b"", headers),
        415: ("multipart/form-data; boundary=x", b"--x--", headers),
        401: ("image/jpeg", b"x", {}),
    }
    for status, (kind, content, who) in refusals.items():
        refused = client.generic("POST", "/uploads", content, content_type=kind, headers=who)
        assert (refused.status_code, set(refused.json())) == (status, {"code", "message"}), status
    endless = client.generic("POST", "/uploads", b"", headers={**headers, "Transfer-Encoding": "chunked"})
    assert endless.status_code == 411
    assert default_storage.listdir("uploads")[1] == [body["uploadId"]]


@pytest.mark.parametrize("path", ["../uploads/x", "..%2f..%2fetc%2fpasswd", "nothing.webp", "%00", ""])
def test_nothing_but_pictures_is_served(client: Any, path: str) -> None:
    assert client.get(f"/media/products/{path}").status_code in {400, 404}
    assert client.get(f"/media/uploads/{uploaded(b'secret')}").status_code == 404


def test_what_nobody_claims_is_removed_after_a_day() -> None:
    old, new = uploaded(b"old"), uploaded(b"new")
    run("UPDATE catalog_upload SET created_at = created_at - interval '25 hours' WHERE id = %s", [old])
    execute(PruneUploads())
    deliver(DISCARD)
    assert list(Upload.objects.values_list("id", flat=True)) == [new]
    assert default_storage.listdir("uploads")[1] == [str(new)]
