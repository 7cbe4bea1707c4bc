"""What browser tests share: dark and light, axe, and pictures for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "assets" / "axe.min.js").read_text()
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def switch_to(page: Page, theme: str) -> None:
    """Light or dark, as the visitor's system says."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.reload()
    page.wait_for_load_state("networkidle")
    assert ("dark" in (page.locator("html").get_attribute("class") or "")) == (theme == "dark")


def violations(page: Page) -> list[str]:
    """What axe finds, one line per element; the CSP stays in force, so the script is evaluated as the test's own."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("levels => axe.run(document, {runOnly: levels})", LEVELS)
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def picture(page: Page, folder: str, name: str) -> None:
    """A picture of the whole page for a person to look at, when a folder is given."""
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
