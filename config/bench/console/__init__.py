"""How long the pages of the back office take in a shop with a long past: every screen, every tab, every kind of search."""

from config.bench.console.measuring import Pages, measure

__all__ = ["Pages", "measure"]
