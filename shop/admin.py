"""The screens of the ground floor; Django finds them only here."""

from shop.carts import admin as carts
from shop.console.mailbox import actions, batches, changes, deliveries, messages
from shop.customers import admin as customers
from shop.promotions import admin as promotions

__all__ = ["actions", "batches", "carts", "changes", "customers", "deliveries", "messages", "promotions"]
