"""What can be sold where, and what is on its way."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Sum

from inventory.models import StockLevel, Transfer, TransferLine


@dataclass(frozen=True, slots=True)
class Figures:
    """One product's stock in one warehouse."""

    level_id: UUID
    product_id: UUID
    warehouse_id: UUID
    warehouse_code: str
    on_hand: int
    unavailable: int
    reserved: int

    @property
    def available(self) -> int:
        """What may still be promised."""
        return self.on_hand - self.unavailable - self.reserved


def of_products(
    product_ids: Collection[UUID], only: Collection[str] = ()
) -> dict[UUID, list[Figures]]:
    """Return the stock of products in active warehouses, in the order warehouses are asked.

    `only` are the codes of the warehouses that may be seen; none means all.
    """
    rows = StockLevel.objects.filter(product__in=product_ids, warehouse__is_active=True)
    if only:
        rows = rows.filter(warehouse__code__in=only)
    ordered = rows.order_by("warehouse__priority", "warehouse__code").values_list(
        "pk", "product_id", "warehouse_id", "warehouse__code", "on_hand", "unavailable", "reserved"
    )
    found: dict[UUID, list[Figures]] = {}
    for row in ordered:
        found.setdefault(row[1], []).append(Figures(*row))
    return found


def incoming(product_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], int]:
    """Return the units in transit per (product, warehouse they go to)."""
    lines = TransferLine.objects.in_transit().filter(
        product__in=product_ids, transfer__status=Transfer.Status.IN_TRANSIT
    )
    totals = (
        lines.order_by()
        .values_list("product_id", "transfer__destination_id")
        .annotate(units=Sum(F("sent") - F("received") - F("lost")))
    )
    return {(product_id, warehouse_id): units for product_id, warehouse_id, units in totals}
