"""A believable shop, and the demo that drives it over real HTTP while breaking what can break (docs/demo.md)."""
