"""The screens of fulfilment; Django finds them only here."""

from fulfilment.inventory import admin as inventory
from fulfilment.shipping import admin as shipping
from fulfilment.warehouse import admin as warehouse

__all__ = ["inventory", "shipping", "warehouse"]
