"""Stock records: one per product and warehouse, made when goods first touch the two."""

from collections.abc import Iterable
from uuid import UUID

from config.kernel import commands, ids
from inventory import errors
from inventory.models import Product, StockLevel

Pair = tuple[UUID, UUID]


@commands.command
def ensure(*, pairs: Iterable[Pair]) -> dict[Pair, UUID]:
    """Return the level of each (product, warehouse), making those that are missing, empty.

    Raises `NotStocked` for a product that is sold but never stocked.
    """
    wanted = sorted(set(pairs))
    found = _find(wanted)
    missing = [pair for pair in wanted if pair not in found]
    if not missing:
        return found
    _refuse_not_stocked({product_id for product_id, _ in missing})
    fresh = [
        StockLevel(id=ids.new(), product_id=product_id, warehouse_id=warehouse_id)
        for product_id, warehouse_id in missing
    ]
    StockLevel.objects.bulk_create(fresh, batch_size=5000, ignore_conflicts=True)
    return _find(wanted)


def _find(wanted: list[Pair]) -> dict[Pair, UUID]:
    products = {product_id for product_id, _ in wanted}
    warehouses = {warehouse_id for _, warehouse_id in wanted}
    rows = StockLevel.objects.filter(product__in=products, warehouse__in=warehouses)
    chosen = set(wanted)
    return {
        (product_id, warehouse_id): level_id
        for level_id, product_id, warehouse_id in rows.values_list(
            "pk", "product_id", "warehouse_id"
        )
        if (product_id, warehouse_id) in chosen
    }


def _refuse_not_stocked(product_ids: set[UUID]) -> None:
    refused = Product.objects.filter(pk__in=product_ids, is_stocked=False)
    skus = sorted(refused.values_list("sku", flat=True))
    if skus:
        raise errors.NotStocked(skus=skus)
