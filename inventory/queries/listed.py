"""Master data and stock as rows of plain values, as files hold them: looked up, or all of it."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from config.kernel.uploads import columns
from inventory.models import Barcode, Bin, BinStock, Price, Product, ReorderRule, Supplier

AT_ONCE = 2000
Found = tuple[UUID, dict[str, Any], Any]

PRODUCT_COLUMNS = (
    "sku", "name", "is_stocked", "is_active", "tax_category", "weight_grams", "length_mm",
    "width_mm", "height_mm", "hs_code", "origin_country", "supplier_item_number",
    "lead_time_days", "pack_multiple", "minimum_order_quantity", "cost_currency",
)  # fmt: skip
SUPPLIER_COLUMNS = ("code", "name", "email", "phone", "notes")
BIN_COLUMNS = ("kind", "sequence", "is_active")


def products(found: QuerySet[Product]) -> Iterator[Found]:
    """Yield products with their version."""
    names = ("pk", "version", *PRODUCT_COLUMNS, "cost", "supplier__code")
    for key, version, *cells, cost, supplier in _read(found.values_list(*names)):
        values = dict(zip(PRODUCT_COLUMNS, cells, strict=True))
        yield key, {**values, "cost": _decimal(cost), "supplier": supplier or ""}, version


def suppliers(found: QuerySet[Supplier]) -> Iterator[Found]:
    """Yield suppliers."""
    for key, *cells in _read(found.values_list("pk", *SUPPLIER_COLUMNS)):
        yield key, dict(zip(SUPPLIER_COLUMNS, cells, strict=True)), None


def barcodes(found: QuerySet[Barcode]) -> Iterator[Found]:
    """Yield barcodes with the key of their product."""
    names = ("pk", "code", "product__sku", "product__name", "unit_quantity", "product_id")
    for key, code, sku, name, units, product_id in _read(found.values_list(*names)):
        values = {"barcode": code, "sku": sku, "product": name, "units": units}
        yield key, values, product_id


def prices(found: QuerySet[Price]) -> Iterator[Found]:
    """Yield list prices with the key of their product."""
    names = ("pk", "product__sku", "currency", "list_price", "floor_price", "product_id")
    for key, sku, currency, listed, floor, product_id in _read(found.values_list(*names)):
        values = {
            "sku": sku, "currency": currency,
            "list_price": _decimal(listed), "floor_price": _decimal(floor),
        }  # fmt: skip
        yield key, values, product_id


def bins(found: QuerySet[Bin]) -> Iterator[Found]:
    """Yield bins with the key of their warehouse."""
    names = ("pk", "warehouse_id", "warehouse__code", "code", *BIN_COLUMNS)
    for key, warehouse_id, warehouse, code, *cells in _read(found.values_list(*names)):
        values = dict(zip(BIN_COLUMNS, cells, strict=True))
        yield key, {"warehouse": warehouse, "bin": code, **values}, warehouse_id


def reorder_rules(found: QuerySet[ReorderRule]) -> Iterator[Found]:
    """Yield reorder points."""
    names = (
        "pk", "warehouse__code", "product__sku", "product__name",
        "reorder_point", "reorder_quantity",
    )  # fmt: skip
    for key, warehouse, sku, name, point, quantity in _read(found.values_list(*names)):
        values = {
            "warehouse": warehouse, "sku": sku, "product": name,
            "reorder_point": point, "reorder_quantity": quantity,
        }  # fmt: skip
        yield key, values, None


def contents(found: QuerySet[BinStock]) -> Iterator[dict[str, Any]]:
    """Yield what lies in bins."""
    names = (
        "bin__warehouse__code", "bin__code", "product__sku", "product__name",
        "lot", "condition", "quantity",
    )  # fmt: skip
    for warehouse, code, sku, name, lot, condition, quantity in _read(found.values_list(*names)):
        yield {
            "warehouse": warehouse, "bin": code, "sku": sku, "product": name, "lot": lot or "",
            "condition": condition, "quantity": quantity,
        }  # fmt: skip


def _read(rows: Any) -> Iterator[tuple[Any, ...]]:
    """Read many rows as they come; the server keeps what was not read yet."""
    return iter(rows.iterator(chunk_size=AT_ONCE))


def _decimal(value: Any) -> str | None:
    return None if value is None else columns.decimal(value)


def by_key(found: Iterable[Found], *names: str) -> dict[tuple[Any, ...], Found]:
    """Return rows by the values of some columns."""
    return {tuple(one[1][name] for name in names): one for one in found}
