"""What the console shows of stock: the five words per warehouse, what lies where, numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Min, Q, QuerySet, Sum

from config.kernel import folding
from inventory import barcodes
from inventory.models import (
    BinStock,
    LowStockAlert,
    Product,
    ReorderRule,
    StockDifference,
    StockLevel,
    StockMovement,
    Transfer,
    TransferLine,
    Warehouse,
)
from inventory.queries import differences as open_differences
from inventory.queries import low_stock as low_stock_alerts

RECENT = 12


@dataclass(slots=True)
class Place:
    """A product's stock in one warehouse, in the words of the screen, and the bins it lies in."""

    warehouse: Warehouse
    level_id: UUID | None = None
    on_hand: int = 0
    unavailable: int = 0
    allocated: int = 0
    available: int = 0
    incoming: int = 0
    expected_on: date | None = None
    reorder_point: int | None = None
    bins: list[BinStock] = field(default_factory=list)

    @property
    def is_low(self) -> bool:
        """Tell whether available has fallen to the reorder point."""
        return self.reorder_point is not None and self.available <= self.reorder_point

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to show of this warehouse."""
        return self.level_id is None and not self.incoming and self.reorder_point is None


def low_stock(user: Any) -> QuerySet[LowStockAlert]:
    """Return the open alerts of the warehouses a reader may see; the queue and its number."""
    return low_stock_alerts.open_alerts().filter(warehouse__in=Warehouse.objects.visible_to(user))


def differences(user: Any) -> QuerySet[StockDifference]:
    """Return the open differences that a reader may see; the queue and its number."""
    return seen(open_differences.open_now(), user)


def seen(found: QuerySet[StockDifference], user: Any) -> QuerySet[StockDifference]:
    """Keep the differences of the warehouses a reader may see, and those of none."""
    warehouses = Warehouse.objects.visible_to(user)
    return found.filter(Q(level__warehouse__in=warehouses) | Q(level__isnull=True))


def places(*, product_id: UUID, user: Any) -> list[Place]:
    """Return a product's stock per warehouse the reader may see, in five statements."""
    seen = Warehouse.objects.visible_to(user).order_by("priority", "name")
    found = {warehouse.pk: Place(warehouse) for warehouse in seen}
    _add_levels(found, product_id)
    _add_bins(found, product_id)
    _add_incoming(found, product_id)
    for rule in ReorderRule.objects.filter(product=product_id, warehouse__in=found):
        found[rule.warehouse_id].reorder_point = rule.reorder_point
    return [place for place in found.values() if not place.is_empty]


def total(shown: Sequence[Place]) -> dict[str, int]:
    """Return the five words over several warehouses."""
    words = ("on_hand", "unavailable", "allocated", "available", "incoming")
    return {word: sum(getattr(place, word) for place in shown) for word in words}


def movements(*, level_ids: Iterable[UUID], most: int = RECENT) -> list[StockMovement]:
    """Return what last happened to some levels, newest first, in two statements."""
    newest = last_movements(level_ids, most).values()
    merged = sorted((one for each in newest for one in each), key=lambda one: one.at, reverse=True)
    return merged[:most]


def totals(product_ids: Iterable[UUID], user: Any) -> dict[UUID, dict[str, int]]:
    """Return on hand, allocated and available per product, over the reader's warehouses."""
    rows = (
        StockLevel.objects.visible_to(user)
        .filter(product__in=list(product_ids))
        .values("product_id")
        .annotate(
            on_hand_sum=Sum("on_hand"),
            unavailable_sum=Sum("unavailable"),
            reserved_sum=Sum("reserved"),
        )
    )
    return {
        row["product_id"]: {
            "on_hand": row["on_hand_sum"],
            "unavailable": row["unavailable_sum"],
            "allocated": row["reserved_sum"],
            "available": row["on_hand_sum"] - row["unavailable_sum"] - row["reserved_sum"],
        }
        for row in rows
    }


def find_products(term: str, most: int = 50) -> list[Product]:
    """Return the products a SKU, a barcode, or words of a name or beginnings of a SKU mean."""
    term = term.strip()
    key = folding.sku(term)
    by_code = Q(sku_key=key) | Q(barcodes__code=barcodes.key(term))
    exact = list(Product.objects.filter(by_code).distinct()[:most])
    if exact or len(term) < 2:
        return exact
    named = Q()
    for word in term.split():
        named &= Q(sku_key__startswith=folding.sku(word)) | Q(name__icontains=word)
    return list(Product.objects.filter(named).order_by("sku_key")[:most])


def last_movements(level_ids: Iterable[UUID], each: int = 5) -> dict[UUID, list[StockMovement]]:
    """Return the last entries of some levels' ledgers, newest first."""
    newest: dict[UUID, list[StockMovement]] = {}
    levels = StockLevel.objects.filter(pk__in=list(level_ids)).values("pk", "version")
    wanted = Q(pk__in=[])
    for level in levels:
        wanted |= Q(level=level["pk"], version__gt=level["version"] - each)
    movements_wanted = StockMovement.objects.filter(wanted).select_related(
        "level__warehouse", "bin_from", "bin_to"
    )
    for movement in movements_wanted.order_by("-version"):
        newest.setdefault(movement.level_id, []).append(movement)
    return newest


def _add_levels(found: dict[UUID, Place], product_id: UUID) -> None:
    for level in StockLevel.objects.filter(product=product_id, warehouse__in=found):
        place = found[level.warehouse_id]
        place.level_id = level.pk
        place.on_hand, place.unavailable = level.on_hand, level.unavailable
        place.allocated = level.reserved
        place.available = level.on_hand - level.unavailable - level.reserved


def _add_bins(found: dict[UUID, Place], product_id: UUID) -> None:
    contents = BinStock.objects.filter(
        product=product_id, bin__warehouse__in=found, quantity__gt=0
    ).select_related("bin")
    for content in contents.order_by("bin__sequence", "bin__code"):
        found[content.bin.warehouse_id].bins.append(content)


def _add_incoming(found: dict[UUID, Place], product_id: UUID) -> None:
    rows = (
        TransferLine.objects.filter(
            product=product_id,
            transfer__status=Transfer.Status.IN_TRANSIT,
            transfer__destination__in=found,
        )
        .values("transfer__destination")
        .annotate(
            units=Sum(F("sent") - F("received") - F("lost")), day=Min("transfer__expected_on")
        )
    )
    for row in rows:
        place = found[row["transfer__destination"]]
        place.incoming, place.expected_on = row["units"], row["day"]
