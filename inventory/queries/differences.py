"""The queue of stock differences."""

from django.db.models import QuerySet

from inventory.models import StockDifference


def open_now() -> QuerySet[StockDifference]:
    """Return the differences nobody has repaired yet, with product and warehouse, oldest first."""
    waiting = StockDifference.objects.filter(status=StockDifference.Status.OPEN)
    return waiting.select_related("level__product", "level__warehouse").order_by(
        "found_at", "level__product__sku_key", "level__warehouse__code", "check_kind", "id"
    )
