"""`docs/settings.md` is the list of all settings: nothing read that is not in it, nothing in it that is not read."""

import ast
import re
from collections.abc import Iterator

from config.settings.base import BASE_DIR

PACKAGES = ("config", "shop", "catalog", "ordering", "payments", "fulfilment", "reviews")
# Set by pytest, by Django's own start-up, and by the shell.
NOT_SETTINGS = {"PYTEST_XDIST_WORKER", "DJANGO_SETTINGS_MODULE", "PATH", "TMPDIR", "HOME"}
READERS = {"env", "environ"}


def variables_read() -> Iterator[str]:
    """Every environment variable that the code names where it reads one."""
    for package in PACKAGES:
        for file in (BASE_DIR / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                yield from name_read(node)


def name_read(node: ast.AST) -> Iterator[str]:
    """`env.str("NAME")`, `os.environ.get("NAME")`, `os.environ["NAME"]`."""
    match node:
        case ast.Call(func=ast.Attribute(value=source, attr=method), args=[ast.Constant(value=str(name)), *_]):
            if method != "setdefault" and last_name(source) in READERS:
                yield name
        case ast.Subscript(value=source, slice=ast.Constant(value=str(name)), ctx=ast.Load()):
            if last_name(source) in READERS:
                yield name


def last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def variables_documented() -> set[str]:
    """The names in the first column of every table."""
    rows = (line for line in (BASE_DIR / "docs" / "settings.md").read_text().splitlines() if line.startswith("| `"))
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])}


def test_every_variable_read_is_documented_and_the_reverse() -> None:
    read = set(variables_read()) - NOT_SETTINGS

    assert read - variables_documented() == set(), "read, but not in docs/settings.md"
    assert variables_documented() - read == set(), "in docs/settings.md, but never read"
