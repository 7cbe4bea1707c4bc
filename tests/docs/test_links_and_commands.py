"""Whatever a page names is there: files, `make` targets, management commands, and code quoted from files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import find_commands, get_commands

from tests.docs.pages import PACKAGES, PAGES, ROOT, all_prose, name_of

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
NAMED_FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|json|yaml|toml)|(?:docs|scripts|tests|config|shop)/[\w./-]*)`")
COMMAND = re.compile(r"manage\.py\s+([a-z_]+)")
TARGET = re.compile(r"\bmake ([a-z]+)\b(?=`|\s*(?:#|$|ARGS))", re.MULTILINE)
QUOTED = re.compile(r"^```python (\S+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
# Made by running something, so a fresh clone does not have them.
MADE = (".local/",)


def links() -> Iterator[tuple[str, Path, str]]:
    """Every relative link: the page it is on, the file it leads to, and the heading there, if it names one."""
    for page in PAGES:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                file, _, heading = target.partition("#")
                yield name_of(page), (page.parent / file).resolve() if file else page, heading


def headings(page: Path) -> set[str]:
    """What links to the headings of a page are called: lower case, no punctuation, dashes for blanks."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_relative_link_leads_somewhere() -> None:
    found = list(links())

    assert len(found) > 20
    assert [(page, str(target)) for page, target, _ in found if not target.exists()] == []


def test_every_heading_that_is_linked_to_exists() -> None:
    found = [(page, target, heading) for page, target, heading in links() if heading]

    assert len(found) > 3
    assert [(page, heading) for page, target, heading in found if heading not in headings(target)] == []


def test_every_file_that_is_named_exists() -> None:
    named = {name for name in NAMED_FILE.findall(all_prose()) if not name.startswith(MADE) and "<" not in name}

    assert len(named) > 20
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_page_is_reachable_from_the_readme() -> None:
    leads_to: dict[str, set[Path]] = {}
    for page, target, _ in links():
        leads_to.setdefault(page, set()).add(target)
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page_path = waiting.pop()
        reached.add(page_path)
        waiting += [t for t in leads_to.get(name_of(page_path), ()) if t.suffix == ".md" and t not in reached]

    assert {name_of(page) for page in PAGES} - {name_of(page) for page in reached} == set()


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(TARGET.findall(all_prose()))

    assert {"demo", "test", "run", "check", "bench"} <= named
    assert named - targets == set()


def test_every_management_command_that_is_named_exists() -> None:
    assert set(COMMAND.findall(all_prose())) - set(get_commands()) == set()


@pytest.mark.parametrize(
    "command",
    sorted({name for app in PACKAGES for folder in ROOT.glob(f"{app}/**/management") for name in find_commands(str(folder))}),
)
def test_every_command_of_ours_is_in_the_operations_page(command: str) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert f"`{command}" in page


def test_quoted_code_is_in_the_file_it_is_quoted_from() -> None:
    quoted = [(name_of(page), path, code) for page in PAGES for path, code in QUOTED.findall(page.read_text(encoding="utf-8"))]

    assert len(quoted) > 5
    assert [(page, path) for page, path, code in quoted if code not in (ROOT / path).read_text(encoding="utf-8")] == []
