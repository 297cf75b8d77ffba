"""Asks for the stock of orders for later, once their day has come."""

from datetime import datetime

from config.kernel import sql
from config.kernel.actors import Actor
from orders import holding
from orders.services import allotment
from orders.states import Action, HoldKind

BATCH = 100

DUE = """
SELECT o.id FROM orders_order o
WHERE o.status = 'open' AND o.allocate_at <= %(at)s AND NOT o.is_test
  AND EXISTS (
    SELECT FROM orders_orderline l WHERE l.order_id = o.id AND l.pending > 0 AND l.is_stocked
      AND l.product_id IS NOT NULL)
  AND NOT EXISTS (
    SELECT FROM orders_hold h
    WHERE h.order_id = o.id AND h.status = 'open' AND h.kind = ANY(%(blocking)s))
ORDER BY o.priority, o.ship_by NULLS LAST, o.placed_at, o.id
"""
BLOCKING = [str(kind) for kind in HoldKind if holding.blocks([kind], Action.ALLOCATE)]


def sweep(*, actor: Actor, at: datetime) -> int:
    """Allocate what orders for later need whose day has come; return how many there were.

    They stand behind those who wait already; what is not there is backordered. Batches are a
    command each; running twice at once is harmless.
    """
    due = [row[0] for row in sql.fetch(DUE, {"at": at, "blocking": BLOCKING})]
    for start in range(0, len(due), BATCH):
        batch = due[start : start + BATCH]
        allotment.allot(order_ids=batch, actor=actor, at=at, queue_behind=True)
    return len(due)
