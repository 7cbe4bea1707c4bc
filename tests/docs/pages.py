"""The repository as a reader has it: its pages, and every file that is part of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "shop", "catalog", "ordering", "payments", "fulfilment", "reviews")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    """``docs/domain.md``."""
    return str(page.relative_to(ROOT))


def all_prose() -> str:
    """Every page, one after the other."""
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def source() -> str:
    """The whole code, tests excepted."""
    return "\n".join(path.read_text(encoding="utf-8") for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def tracked_files() -> list[Path]:
    """What a clone contains, and what is about to be added to it. Outside a repository: everything that is not built."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=False, text=True,
    )  # fmt: skip
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not any(part in BUILT for part in path.relative_to(ROOT).parts)]
    return [path for path in found if path.is_file()]


BUILT = {".git", ".venv", ".local", "__pycache__", "staticfiles", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
