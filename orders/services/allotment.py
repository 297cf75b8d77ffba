"""Gives stock to orders that wait for it, in the order they are due; the one path beside placement.

Decides on locked figures: orders by id, then levels by id, then the plan order by order. Used for
backorders, for units whose hold is gone, and for whatever else puts units back in the queue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, ids, sql
from config.kernel.actors import Actor
from inventory import calendars as working_time
from inventory.queries import calendars
from inventory.services import reservations
from inventory.services.reservations import Promise
from orders import holding, planner, states
from orders.models import Order, OrderLine
from orders.services import progress
from orders.services.progress import Happened

WAITING_LINES = """
SELECT l.id, l.order_id, l.product_id, l.sku, l.pending, l.backordered, l.reserved
FROM orders_orderline l
WHERE l.order_id = ANY(%s) AND l.product_id IS NOT NULL AND l.is_stocked
  AND l.pending + l.backordered > 0
ORDER BY l.order_id, l.position
"""

ORDERS = """
SELECT o.id, o.placed_at, o.ship_not_before, o.ship_complete, o.ship_by,
  coalesce((SELECT array_agg(h.kind) FROM orders_hold h
            WHERE h.order_id = o.id AND h.status = 'open'),
           '{}') AS holds
FROM orders_order o WHERE o.id = ANY(%s) AND o.status = 'open' AND NOT o.is_test
  AND (o.allocate_at IS NULL OR o.allocate_at <= %s)
ORDER BY o.priority, o.ship_by NULLS LAST, o.placed_at, o.id
"""

LEVELS = """
SELECT level.id, level.product_id, w.id, w.priority,
  level.on_hand - level.unavailable - level.reserved
FROM inventory_stocklevel level
JOIN inventory_warehouse w ON w.id = level.warehouse_id AND w.is_active
WHERE level.product_id = ANY(%s) ORDER BY level.id FOR NO KEY UPDATE OF level
"""

WAITING_ELSEWHERE = """
SELECT product_id, sum(backordered) FROM orders_orderline
WHERE product_id = ANY(%s) AND backordered > 0 AND NOT (order_id = ANY(%s)) GROUP BY product_id
"""


@dataclass(slots=True)
class _Shelf:
    """The stock at hand while orders are served one after the other."""

    supplies: dict[UUID, planner.Supply]

    def take(self, allocations: Iterable[planner.Allocation]) -> None:
        for one in allocations:
            supply = self.supplies[one.level_id]
            self.supplies[one.level_id] = replace(supply, available=supply.available - one.quantity)


@commands.command
def allot(
    *, order_ids: Sequence[UUID], actor: Actor, at: datetime, queue_behind: bool = False
) -> Mapping[UUID, int]:
    """Reserve what can be had now for the waiting units of these orders; return units per order.

    Orders are served by priority, ship-by, age. `queue_behind` leaves what others already wait for
    to them. What stays short is backordered; a `shortage` hold keeps its order whole: it is served
    when all of it can be. An order for later, or of a test channel, is left alone. Locks orders by
    id, then levels by id.
    """
    progress.lock(order_ids)
    orders = sql.fetch_dicts(ORDERS, [list(order_ids), at])
    lines: dict[UUID, list[dict[str, Any]]] = {order["id"]: [] for order in orders}
    for line in sql.fetch_dicts(WAITING_LINES, [[order["id"] for order in orders]]):
        lines[line["order_id"]].append(line)
    products = sorted({line["product_id"] for group in lines.values() for line in group})
    shelf = _shelf(products)
    waiting = _waiting_elsewhere(products, order_ids) if queue_behind else {}
    served = [
        _serve(order, lines[order["id"]], shelf, waiting) for order in orders if lines[order["id"]]
    ]
    return _write([one for one in served if one is not None], actor, at)


@dataclass(frozen=True, slots=True)
class _Served:
    order: dict[str, Any]
    lines: Sequence[dict[str, Any]]
    plan: planner.Plan


def _shelf(products: Sequence[UUID]) -> _Shelf:
    supplies = [planner.Supply(*row) for row in sql.fetch(LEVELS, [list(products)])]
    return _Shelf({supply.level_id: supply for supply in supplies})


def _waiting_elsewhere(products: Sequence[UUID], order_ids: Sequence[UUID]) -> dict[UUID, int]:
    rows = sql.fetch(WAITING_ELSEWHERE, [list(products), list(order_ids)])
    return {product: int(quantity) for product, quantity in rows}


def _serve(
    order: dict[str, Any],
    lines: Sequence[dict[str, Any]],
    shelf: _Shelf,
    waiting: Mapping[UUID, int],
) -> _Served | None:
    holds = [kind for kind in order["holds"] if kind != states.HoldKind.SHORTAGE]
    if holding.blocks(holds, states.Action.ALLOCATE):
        return None
    wants = [
        planner.Want(line["id"], line["product_id"], line["pending"] + line["backordered"])
        for line in lines
    ]
    plan = planner.plan(wants=wants, levels=list(shelf.supplies.values()), waiting=waiting)
    if plan.short and states.HoldKind.SHORTAGE in order["holds"]:
        return None
    shelf.take(plan.allocations)
    return _Served(order, lines, plan)


def _write(served: Sequence[_Served], actor: Actor, at: datetime) -> Mapping[UUID, int]:
    command_id = ids.new()
    promises = [
        Promise(one.line_id, one.level_id, one.quantity)
        for order in served
        for one in order.plan.allocations
    ]
    if promises:
        reservations.reserve(
            promises=promises,
            command_id=command_id,
            subject_id=None,
            document="",
            actor=actor,
            at=at,
        )
    sql.update(OrderLine, [row for one in served for row in _line_rows(one)])
    _lift_shortages([one.order["id"] for one in served], actor, at)
    sql.update(Order, [row for one in served if (row := _dates(one, at)) is not None])
    happened = [one for order in served if (one := _happened(order)) is not None]
    progress.record(happened=happened, actor=actor, command_id=command_id, at=at)
    return {one.order["id"]: sum(part.quantity for part in one.plan.allocations) for one in served}


def _line_rows(served: _Served) -> list[dict[str, Any]]:
    rows = []
    for line in served.lines:
        short = served.plan.short.get(line["id"], 0)
        waiting = line["pending"] + line["backordered"]
        rows.append(
            {
                "id": line["id"],
                "pending": 0,
                "backordered": short,
                "reserved": line["reserved"] + waiting - short,
            }
        )
    return rows


def _lift_shortages(order_ids: Sequence[UUID], actor: Actor, at: datetime) -> None:
    sql.run(
        """UPDATE orders_hold SET status = 'released', released_at = %s, released_by = %s
        WHERE order_id = ANY(%s) AND kind = 'shortage' AND status = 'open'""",
        [at, actor.label, list(order_ids)],
    )


def _dates(served: _Served, at: datetime) -> dict[str, Any] | None:
    order = served.order
    warehouses = {one.warehouse_id for one in served.plan.allocations}
    if not warehouses or (served.plan.short and order["ship_complete"]):
        return None
    return {"id": order["id"], "ship_by": leaves_by(order, warehouses, at)}


def leaves_by(order: Mapping[str, Any], warehouses: Iterable[UUID], at: datetime) -> datetime:
    """Units that come now leave by the next cut-off from now, whenever the order was placed."""
    by = [
        working_time.ship_by(at, calendars.of(one), order["ship_not_before"]) for one in warehouses
    ]
    return max(*by, order["ship_by"] or by[0])


def _happened(served: _Served) -> Happened | None:
    lines = [
        {"line": str(one.line_id), "quantity": one.quantity} for one in served.plan.allocations
    ]
    if lines:
        return Happened(served.order["id"], "order.lines_available", {"lines": lines})
    if any(line["pending"] for line in served.lines):
        return Happened(served.order["id"], "order.backordered")
    return None
