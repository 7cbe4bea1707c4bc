"""A process that has started: everything it needs is loaded, and its garbage collector leaves that alone from now on.

A full collection walks every object there is, which after start are some 200,000 that never go away: 90 ms in which this
process answers nobody, again and again. Frozen, they are not looked at; and a worker's children share them with it.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string

YOUNG: Final = 10_000  # new objects until the next look at the young ones; 700 by default, less than one request makes


def settle() -> None:
    """Load what would be loaded by the first request or message, then freeze it. Once per process, before it forks."""
    import_module(settings.ROOT_URLCONF)
    if settings.SWITCHBOARD:  # the peers in the bench have none
        import_string(settings.SWITCHBOARD)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
