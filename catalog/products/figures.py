"""Whether there is anything to sell, for the dashboard's first steps."""

from catalog.products.models import Product


def products_there() -> bool:
    """Whether the catalogue has any product."""
    return Product.objects.filter(deleted_at__isnull=True).exists()
