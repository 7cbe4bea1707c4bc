"""Nothing in the repository is about the machine it was written on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, tracked_files

# Where people keep their own things. What a server or an image uses (/tmp, /var, /app) is nobody's.
PRIVATE = rb"(?<![\w.~-])/(?:home|Users|root|mnt|Volumes)/[\w.-]+"
PLACE = re.escape(str(ROOT)).encode()
SHORTEST = 3  # parts of a path that cannot be meant as anything else: "/", "somewhere", "shop"


def private_paths(content: bytes) -> list[str]:
    """Absolute paths of somebody's machine, or of this very checkout."""
    pattern = rb"|".join([PRIVATE, PLACE] if len(ROOT.parts) >= SHORTEST else [PRIVATE])
    return sorted({found.decode(errors="replace") for found in re.findall(pattern, content)})


@pytest.mark.parametrize("content", ["see /home/somebody/shop", "path=/Users/me/x", f'"{ROOT}/config"'])
def test_a_private_path_is_found(content: str) -> None:
    assert private_paths(content.encode()) or len(ROOT.parts) < SHORTEST


@pytest.mark.parametrize("content", ["POST /v1/home/x", "in /tmp/worker-alive", "${HOME:-/root}"])
def test_a_path_of_nobodys_is_not(content: str) -> None:
    assert private_paths(content.encode()) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    files = [path for path in tracked_files() if path != Path(__file__)]

    assert len(files) > 200
    assert {str(path.relative_to(ROOT)): found for path in files if (found := private_paths(path.read_bytes()))} == {}
