"""Whether there is a browser to test with."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path


@cache
def chromium() -> str | None:
    """Its path, found where ``scripts/chromium`` looks."""
    script = Path(__file__).parents[1] / "scripts" / "chromium"
    looked = subprocess.run([script, "--look"], capture_output=True, text=True, check=False)
    return looked.stdout.strip() or None


def left_out() -> bool:
    """Whether the browser tests are left out. Continuous integration leaves nothing out: there they fail."""
    return chromium() is None and not os.environ.get("CI")
