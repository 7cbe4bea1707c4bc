"""A believable past: two years of trade, written set-wise into every table that a screen lists.

Everything hangs on one case per checkout (``cases.py``): who bought what when, and how far it got. The departments' tables follow
from the cases, so orders, money, stock and mail agree with each other and ``check_invariants`` finds nothing.
"""

from config.history.scale import Scale
from config.history.writing import NotEmpty, write

__all__ = ["NotEmpty", "Scale", "write"]
