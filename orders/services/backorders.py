"""Fills backorders when stock comes in: a gain wakes it, a sweep makes sure."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from config.kernel import sql
from config.kernel.actors import Actor
from orders.services import allotment

BATCH = 100

CANDIDATES = """
SELECT DISTINCT o.id, o.priority, o.ship_by, o.placed_at
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
WHERE l.product_id = ANY(%(products)s) AND l.backordered > 0 AND o.status = 'open'
UNION
SELECT o.id, o.priority, o.ship_by, o.placed_at
FROM orders_hold h JOIN orders_order o ON o.id = h.order_id
WHERE h.kind = 'shortage' AND h.status = 'open' AND EXISTS (
  SELECT FROM orders_orderline l
  WHERE l.order_id = o.id AND l.product_id = ANY(%(products)s) AND l.pending > 0)
ORDER BY priority, ship_by NULLS LAST, placed_at, id
"""

AVAILABLE = """
SELECT coalesce(sum(greatest(level.on_hand - level.unavailable - level.reserved, 0)), 0)
FROM inventory_stocklevel level
JOIN inventory_warehouse w ON w.id = level.warehouse_id AND w.is_active
WHERE level.product_id = ANY(%s)
"""

FILLABLE = """
SELECT DISTINCT l.product_id FROM orders_orderline l
WHERE (l.backordered > 0 OR l.pending > 0 AND EXISTS (
    SELECT FROM orders_hold h
    WHERE h.order_id = l.order_id AND h.kind = 'shortage' AND h.status = 'open'))
  AND EXISTS (
    SELECT FROM inventory_stocklevel level
    JOIN inventory_warehouse w ON w.id = level.warehouse_id AND w.is_active
    WHERE level.product_id = l.product_id AND level.on_hand > level.unavailable + level.reserved)
"""


def fill(*, product_ids: Sequence[UUID], actor: Actor, at: datetime) -> int:
    """Give what is available of these products to the orders that wait; return the units given.

    Candidates are read unlocked in the order they are due and served in batches, each a command of
    its own that decides on locked figures; stops when nothing is left to give. Running twice at
    once is harmless.
    """
    given = 0
    candidates = [row[0] for row in sql.fetch(CANDIDATES, {"products": list(product_ids)})]
    for start in range(0, len(candidates), BATCH):
        if not sql.fetch(AVAILABLE, [list(product_ids)])[0][0]:
            break
        batch = candidates[start : start + BATCH]
        given += sum(allotment.allot(order_ids=batch, actor=actor, at=at).values())
    return given


def sweep(*, actor: Actor, at: datetime) -> int:
    """Fill whatever waits although stock is there: a gain may go unheard."""
    products = [row[0] for row in sql.fetch(FILLABLE)]
    return fill(product_ids=products, actor=actor, at=at) if products else 0
