"""Products and what is available of them, as sales channels read them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.kernel import folding, money
from config.kernel.api import pagination
from inventory.models import Barcode, Price, Product
from inventory.queries import levels
from inventory.queries.levels import Figures

_PLAIN = (
    "sku", "name", "is_stocked", "is_active", "tax_category", "weight_grams", "length_mm",
    "width_mm", "height_mm", "hs_code", "origin_country", "version", "updated_at",
)  # fmt: skip


def page(params: Mapping[str, str], only: Collection[str] = ()) -> dict[str, Any]:
    """Return one page of products by SKU, and the cursor of the next; four queries.

    `params` narrow by `sku`, `barcode` (any spelling) and `is_active`; what is available counts
    `only` these warehouses, or all.
    """
    limit, position = pagination.limit_of(params), pagination.position_of(params)
    products = Product.objects.matching(params)
    if position is not None:
        products = products.filter(sku_key__gt=position[0])
    rows = list(products.order_by("sku_key").values("id", "sku_key", *_PLAIN)[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    return {
        "results": _whole(rows, only),
        "next": pagination.cursor(params, [rows[-1]["sku_key"]]) if more else None,
    }


def one(sku: str, only: Collection[str] = ()) -> dict[str, Any] | None:
    """Return the product of a SKU as `page` shows it, or None; four queries."""
    found = Product.objects.filter(sku_key=folding.sku(sku))
    return next(iter(_whole(list(found.values("id", "sku_key", *_PLAIN)), only)), None)


def availability(skus: Sequence[str], only: Collection[str] = ()) -> dict[str, Any]:
    """Return what can be sold of each SKU, in all and per warehouse; three queries.

    `unknown` names the SKUs that nobody sells here. Counts `only` these warehouses, or all.
    """
    wanted: dict[str, str] = {}
    for sku in skus:
        wanted.setdefault(folding.sku(sku), sku)
    rows = Product.objects.filter(sku_key__in=list(wanted))
    products = {row["sku_key"]: row for row in rows.values("id", "sku", "sku_key", "is_stocked")}
    ids = [row["id"] for row in products.values()]
    stock, coming = levels.of_products(ids, only), levels.incoming(ids)
    known = [products[key] for key in wanted if key in products]
    return {
        "results": [_available(row, stock.get(row["id"], ()), coming) for row in known],
        "unknown": [wanted[key] for key in wanted if key not in products],
        "next": None,
    }


def _whole(rows: Iterable[dict[str, Any]], only: Collection[str]) -> list[dict[str, Any]]:
    by_id = {row["id"]: row for row in rows}
    codes, prices, stock = _codes(by_id), _prices(by_id), levels.of_products(by_id, only)
    return [
        {
            **{name: row[name] for name in _PLAIN},
            "barcodes": codes.get(key, []),
            "prices": prices.get(key, []),
            "available": _sum(stock.get(key, ())) if row["is_stocked"] else None,
        }
        for key, row in by_id.items()
    ]


def _codes(product_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = Barcode.objects.filter(product__in=product_ids).order_by("unit_quantity", "code")
    for product_id, code, units in rows.values_list("product_id", "code", "unit_quantity"):
        found.setdefault(product_id, []).append({"code": code, "unit_quantity": units})
    return found


def _prices(product_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = Price.objects.filter(product__in=product_ids).order_by("currency")
    for product_id, currency, price in rows.values_list("product_id", "currency", "list_price"):
        entry = {"currency": currency, "list_price": _text(price, currency)}
        found.setdefault(product_id, []).append(entry)
    return found


def _text(price: Decimal, currency: str) -> str:
    """Return a price with as many decimals as it has, at least those of its currency."""
    exact = price.normalize()
    short = money.quantize(price, currency)
    return money.text(short if short == exact else exact)


def _available(
    product: Mapping[str, Any],
    stock: Sequence[Figures],
    coming: Mapping[tuple[UUID, UUID], int],
) -> dict[str, Any]:
    warehouses = [
        {
            "warehouse": figures.warehouse_code,
            "available": figures.available,
            "incoming": coming.get((product["id"], figures.warehouse_id), 0),
        }
        for figures in stock
    ]
    return {
        "sku": product["sku"],
        "is_stocked": product["is_stocked"],
        "available": _sum(stock) if product["is_stocked"] else None,
        "warehouses": warehouses,
    }


def _sum(stock: Iterable[Figures]) -> int:
    return sum(figures.available for figures in stock)
