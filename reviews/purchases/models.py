"""Who has bought and received what: this department's own copy of what completed orders say."""

from __future__ import annotations

from django.db import models


class Purchase(models.Model):
    """The first completed order in which a customer got a product."""

    id = models.BigAutoField(primary_key=True)
    customer_id = models.UUIDField()
    product_id = models.UUIDField()
    order_id = models.UUIDField()
    completed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("customer_id", "product_id"), name="purchase_once_per_product"),)

    def __str__(self) -> str:
        return f"{self.customer_id} {self.product_id}"
