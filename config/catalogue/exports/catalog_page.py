"""One resource of the catalogue: front matter, text, and the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from config.catalogue.exports.texts import release


@dataclass(frozen=True)
class Page:
    """``folder`` within the catalogue. A page without a version of its own has the product's."""

    folder: str
    front: Mapping[str, Any]
    body: str
    beside: Mapping[str, str] = field(default_factory=dict)
    name: str = "index.mdx"

    def files(self) -> dict[str, str]:
        """File names and their text."""
        front = {"id": self.front["id"], "name": self.front["name"], "version": release(), **self.front}
        matter = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=100_000)
        page = f"---\n{matter}---\n\n{self.body.strip()}\n"
        return {f"{self.folder}/{self.name}": page} | {f"{self.folder}/{name}": text for name, text in self.beside.items()}


def plain(text: str) -> str:
    """Prose that MDX must not take for code of its own."""
    return text.replace("{", "&#123;").replace("}", "&#125;").replace("<", "&lt;")


def pointers(names: Mapping[str, str]) -> list[dict[str, str]]:
    """References by id and version."""
    return [{"id": name, "version": version} for name, version in sorted(names.items())]
