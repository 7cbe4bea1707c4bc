"""Honest speed: the product, the plain database floor and peers, measured in one run on the same servers."""
