"""The archive: Django's default storage, wherever that is. What was written counts only once it was read back."""

from __future__ import annotations

from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


class NotKept(Exception):
    """The storage does not give back what it was given. Nothing may be removed; the delivery is tried again."""


def checksum_of(text: str) -> str:
    """SHA-256 of the text in UTF-8, in lower-case hexadecimal."""
    return sha256(text.encode()).hexdigest()


def keep(reference: str, text: str) -> None:
    """Store ``text`` under ``reference``, whole and verified. Repeating it is harmless. Raises ``NotKept`` or ``OSError``."""
    if default_storage.exists(reference) and _read(reference) != text:
        default_storage.delete(reference)  # left half-written by somebody who died over it
    if not default_storage.exists(reference):
        default_storage.save(reference, ContentFile(text.encode()))
    if checksum_of(_read(reference)) != checksum_of(text):
        raise NotKept(f"{reference} is not what was written")


def fetch(reference: str, checksum: str) -> str:
    """What is kept under ``reference``. Raises ``NotKept`` unless it has this checksum, and ``OSError``."""
    text = _read(reference)
    if checksum_of(text) != checksum:
        raise NotKept(f"{reference} has another checksum")
    return text


def _read(reference: str) -> str:
    with default_storage.open(reference, "rb") as file:
        return bytes(file.read()).decode()
