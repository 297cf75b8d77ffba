"""Stock as other systems read it: every figure of a product in a warehouse, and what bins hold."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from config.kernel import folding
from config.kernel.api import pagination, problems
from inventory.booking import Posted
from inventory.models import BinStock, StockLevel
from inventory.queries import levels

_COLUMNS = ("id", "product_id", "warehouse_id", "on_hand", "unavailable", "reserved")


def page(params: Mapping[str, str], only: Collection[str]) -> dict[str, Any]:
    """Return one page of stock by SKU and warehouse, and the cursor of the next; three queries.

    `params` narrow by `sku` (any spelling) and `warehouse`; `only` are the warehouses that may be
    seen, none means all.
    """
    limit = pagination.limit_of(params)
    found = StockLevel.objects.filter(_behind(params), _within(only))
    if "sku" in params:
        found = found.filter(product__sku_key=folding.sku(params["sku"]))
    if "warehouse" in params:
        found = found.filter(warehouse__code=params["warehouse"])
    rows = list(_rows(found.order_by("product__sku_key", "warehouse__code")[: limit + 1]))
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    return {
        "results": _shown(rows),
        "next": pagination.cursor(params, [last["sku_key"], last["code"]]) if last else None,
    }


def after(posted: Iterable[Posted]) -> list[dict[str, Any]]:
    """Return what was booked as `quantity`, each with the level's figures now, by SKU."""
    changes = {one.level_id: one.on_hand for one in posted}
    found = _rows(StockLevel.objects.filter(pk__in=list(changes)).order_by("product__sku_key"))
    return [
        {
            "sku": row["sku"],
            "warehouse": row["code"],
            "quantity": changes[row["id"]],
            **_figures(row),
        }
        for row in found
    ]


def _within(only: Collection[str]) -> Q:
    return Q(warehouse__code__in=only) if only else Q()


def _behind(params: Mapping[str, str]) -> Q:
    position = pagination.position_of(params)
    if position is None:
        return Q()
    if len(position) != 2:
        raise problems.BadRequest("This cursor is not ours.")
    key, warehouse = position
    return Q(product__sku_key__gte=key) & (
        Q(product__sku_key__gt=key) | Q(product__sku_key=key, warehouse__code__gt=warehouse)
    )


def _rows(found: Any) -> Any:
    return found.values(
        *_COLUMNS,
        sku=F("product__sku"),
        sku_key=F("product__sku_key"),
        code=F("warehouse__code"),
    )


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    product_ids = {row["product_id"] for row in rows}
    coming, lying = levels.incoming(product_ids), _lying(product_ids)
    return [
        {
            "sku": row["sku"],
            "warehouse": row["code"],
            **_figures(row),
            "incoming": coming.get((row["product_id"], row["warehouse_id"]), 0),
            "bins": lying.get((row["product_id"], row["warehouse_id"]), []),
        }
        for row in rows
    ]


def _figures(row: Mapping[str, Any]) -> dict[str, int]:
    return {
        "on_hand": row["on_hand"],
        "unavailable": row["unavailable"],
        "allocated": row["reserved"],
        "available": row["on_hand"] - row["unavailable"] - row["reserved"],
    }


def _lying(product_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], list[dict[str, Any]]]:
    contents = BinStock.objects.filter(product__in=product_ids, quantity__gt=0)
    ordered = contents.order_by("bin__code", "lot", "condition").values(
        "product_id", "bin__warehouse_id", "bin__code", "lot", "condition", "quantity"
    )
    found: dict[tuple[UUID, UUID], list[dict[str, Any]]] = {}
    for row in ordered:
        place = found.setdefault((row["product_id"], row["bin__warehouse_id"]), [])
        place.append(
            {
                "bin": row["bin__code"],
                "lot": row["lot"],
                "condition": row["condition"],
                "quantity": row["quantity"],
            }
        )
    return found
