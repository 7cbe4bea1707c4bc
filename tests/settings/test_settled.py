"""A process that serves has loaded what it needs before the first request or message, and no collection looks at that again."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from config.settings.base import BASE_DIR
from config.settled import YOUNG

SAYS = """
import gc, json, sys
loaded = [name in sys.modules for name in ("config.switchboard", "config.urls")]
print(json.dumps([gc.get_freeze_count(), gc.get_threshold()[0], *loaded]))
"""
WEB = "from config.wsgi import application"
# What Celery does before it forks the processes of its pool.
WORKER = "from config.celery import app; from celery.signals import worker_init; worker_init.send(sender=None)"


@pytest.mark.parametrize("start", [WEB, f"import django; django.setup(); {WORKER}"])
def test_what_is_loaded_is_frozen(start: str) -> None:
    code = f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings.development'; {start}{SAYS}"
    told = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True, check=True)
    frozen, young, has_switchboard, has_addresses = json.loads(told.stdout.splitlines()[-1])
    assert frozen > 100_000
    assert (young, has_switchboard, has_addresses) == (YOUNG, True, True)
