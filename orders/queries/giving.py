"""Who could give stock of a product to whom: those it matters least to, and those who wait."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import sql

MOST = 50

GIVERS = """
SELECT l.id, r.level_id, o.id, o.number, o.ship_name, o.priority, o.ship_by, w.code,
  least(r.quantity, l.reserved)
FROM inventory_reservation r
JOIN inventory_stocklevel level ON level.id = r.level_id AND level.product_id = %(product)s
JOIN inventory_warehouse w ON w.id = level.warehouse_id
JOIN orders_orderline l ON l.id = r.demand_id AND l.reserved > 0
JOIN orders_order o ON o.id = l.order_id AND o.status = 'open'
WHERE o.id <> %(order)s AND o.channel_id = ANY(%(channels)s)
ORDER BY o.priority DESC, o.ship_by DESC NULLS FIRST, o.placed_at DESC, o.id DESC, w.priority
LIMIT %(most)s
"""

TAKERS = """
SELECT l.id, NULL::uuid, o.id, o.number, o.ship_name, o.priority, o.ship_by, '',
  l.backordered + CASE WHEN kept.whole THEN l.pending ELSE 0 END
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.status = 'open'
CROSS JOIN LATERAL (SELECT EXISTS (
  SELECT FROM orders_hold h
  WHERE h.order_id = o.id AND h.kind = 'shortage' AND h.status = 'open') AS whole) kept
WHERE l.product_id = %(product)s AND (l.backordered > 0 OR l.pending > 0 AND kept.whole)
  AND o.id <> %(order)s AND o.channel_id = ANY(%(channels)s) AND NOT o.is_test
  AND NOT EXISTS (
    SELECT FROM orders_hold h WHERE h.order_id = o.id AND h.status = 'open'
      AND h.kind = ANY(%(blocking)s))
ORDER BY o.priority, o.ship_by NULLS LAST, o.placed_at, o.id
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Side:
    """A line of another order that has units, on a level, or waits for them."""

    line_id: UUID
    level_id: UUID | None
    order_id: UUID
    number: str
    customer: str
    priority: int
    ship_by: datetime | None
    warehouse: str
    units: int


def givers(*, product_id: UUID, order_id: UUID, channel_ids: Collection[UUID]) -> list[Side]:
    """Return the lines of other orders that have units of a product, those due last first."""
    return _ask(GIVERS, product_id, order_id, channel_ids)


def takers(
    *,
    product_id: UUID,
    order_id: UUID,
    channel_ids: Collection[UUID],
    blocking: Collection[str],
) -> list[Side]:
    """Return the lines of other orders that wait for a product, those due first first.

    `blocking` are the kinds of holds with which an order asks for nothing.
    """
    return _ask(TAKERS, product_id, order_id, channel_ids, blocking=list(blocking))


def _ask(
    statement: str, product_id: UUID, order_id: UUID, channels: Collection[UUID], **more: Any
) -> list[Side]:
    params = {
        "product": product_id, "order": order_id, "channels": list(channels), "most": MOST, **more,
    }  # fmt: skip
    return [Side(*row) for row in sql.fetch(statement, params)]
