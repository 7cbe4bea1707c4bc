"""Storing a file as it comes in, without ever holding it in memory, and remembering it by command."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any, Final

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from uuid_utils.compat import uuid7

from shop.contracts.feeds import RecordUpload, UploadView
from shop.messaging.bus import execute
from shop.messaging.errors import Invalid, Refused

CHUNK: Final = 256 * 1024
TOO_LARGE: Final = 413
Read = Callable[[int], bytes]


def keep(read: Read, file_name: str) -> UploadView:
    """Store what ``read(size)`` gives until it gives nothing.

    Raises ``Refused`` (413) above ``UPLOAD_MAX_BYTES`` and ``Invalid`` (400) for nothing at all; then nothing is kept.
    """
    key = uuid7()
    name, incoming = f"uploads/{key}", _Incoming(read)
    try:
        default_storage.save(name, incoming)
        view: UploadView = execute(
            RecordUpload(upload_id=key, file_name=_plain(file_name), size=incoming.size, sha256=incoming.digest.hexdigest())
        )
    except BaseException:
        default_storage.delete(name)
        raise
    return view


class _Incoming(File):
    """A file that is still on its way: counted, digested, and refused as soon as it is too large."""

    def __init__(self, read: Read) -> None:
        super().__init__(None, name="upload")
        self._read, self.size, self.digest = read, 0, hashlib.sha256()

    def chunks(self, chunk_size: int | None = None) -> Iterator[Any]:
        while chunk := self._read(CHUNK):
            self.size += len(chunk)
            if self.size > settings.UPLOAD_MAX_BYTES:
                raise Refused(
                    "upload_too_large", f"The file has more than {settings.UPLOAD_MAX_BYTES:,} bytes.", status=TOO_LARGE
                )
            self.digest.update(chunk)
            yield chunk
        if not self.size:
            raise Invalid("empty_upload", "The file is empty.")


def _plain(file_name: str) -> str:
    """A name to show to people: no folders, nothing invisible."""
    shown = "".join(letter for letter in PurePath(file_name.replace("\\", "/")).name if letter.isprintable())
    return shown.encode(errors="ignore").decode()[:200].strip() or "upload"
