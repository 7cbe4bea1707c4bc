"""The screens of ordering; Django finds them only here."""

from ordering.amending import admin as amending
from ordering.checkout import admin as checkout
from ordering.orders import admin as orders

__all__ = ["amending", "checkout", "orders"]
