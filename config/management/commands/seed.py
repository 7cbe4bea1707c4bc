from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.demo.operators import ADMIN, NotHere, ensure_operator, require_development
from config.demo.shopkeeping import CUSTOMER_PASSWORD, seed


class Command(BaseCommand):
    """The example shop for ``make run``. Repeatable: it adds what is missing and changes nothing that is there."""

    help = "Fill the shop with example products, stock, customers, promotions and an operator (development only)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_development()
        except NotHere as no:
            raise CommandError(str(no)) from None
        seeded = seed()
        operator = ensure_operator()
        self.stdout.write(
            f"{len(seeded.products)} products ({seeded.new_products} new), "
            f"{len(seeded.customers)} customers ({seeded.new_customers} new, password {CUSTOMER_PASSWORD})"
        )
        self.stdout.write(f"admin: {ADMIN}  {operator.in_words}")
