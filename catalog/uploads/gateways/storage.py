"""The storage files are kept in: a folder of this machine, or whatever ``STORAGES`` says."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.storage import default_storage


def remove(names: Sequence[str]) -> None:
    """Take these out of the storage; one that is not there is fine."""
    for name in names:
        default_storage.delete(name)
