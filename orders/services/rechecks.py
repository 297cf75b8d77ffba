"""Lifts holds whose cause went away: SKUs known by now, customers unblocked, money in.

Called by events; `sweep` looks at all of them now and then, in case an event went unheard.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from config.kernel import commands, sql
from config.kernel.actors import Actor
from orders.services import allotment, holds, progress
from orders.states import HoldKind

BATCH = 200

UNKNOWN = """
SELECT DISTINCT l.order_id FROM orders_orderline l JOIN inventory_product p ON p.sku_key = l.sku_key
WHERE l.product_id IS NULL AND p.is_active
  AND (%(products)s::uuid[] IS NULL OR p.id = ANY(%(products)s))
"""

MAP = """
UPDATE orders_orderline l SET product_id = p.id, is_stocked = p.is_stocked
FROM inventory_product p
WHERE l.order_id = ANY(%s) AND l.product_id IS NULL AND p.sku_key = l.sku_key AND p.is_active
"""

KNOWN_NOW = """
SELECT h.order_id FROM orders_hold h
WHERE h.kind = 'unknown_product' AND h.status = 'open' AND h.order_id = ANY(%s)
  AND NOT EXISTS (
    SELECT FROM orders_orderline l WHERE l.order_id = h.order_id AND l.product_id IS NULL)
"""

UNBLOCKED = """
SELECT h.order_id FROM orders_hold h JOIN orders_order o ON o.id = h.order_id
JOIN customers_customer c ON c.id = o.customer_id
WHERE h.kind = 'blocked_customer' AND h.status = 'open' AND NOT c.is_blocked
  AND (%(customers)s::uuid[] IS NULL OR c.id = ANY(%(customers)s))
"""

PAID = """
SELECT h.order_id FROM orders_hold h JOIN orders_order o ON o.id = h.order_id
WHERE h.kind = 'payment' AND h.status = 'open'
  AND o.paid_amount + o.authorized_amount >= o.total_amount
"""

WITHIN_LIMIT = """
SELECT h.order_id FROM orders_hold h JOIN orders_order o ON o.id = h.order_id
JOIN customers_customer c ON c.id = o.customer_id
WHERE h.kind = 'credit' AND h.status = 'open' AND (
  c.credit_limit IS NULL OR c.credit_currency <> o.currency OR c.credit_limit >= (
    SELECT sum(greatest(u.total_amount - u.paid_amount - u.authorized_amount, 0))
    FROM orders_order u
    WHERE u.customer_id = c.id AND u.currency = o.currency AND u.status <> 'cancelled'
      AND NOT u.is_test))
"""


def unknown_products(
    *, product_ids: Sequence[UUID] | None = None, actor: Actor, at: datetime
) -> int:
    """Map waiting lines to products known by now, and let their orders go on; return how many.

    Without `product_ids` every product counts. Orders are taken in batches, each a command of its
    own.
    """
    rows = sql.fetch(UNKNOWN, {"products": list(product_ids) if product_ids else None})
    waiting = [row[0] for row in rows]
    for start in range(0, len(waiting), BATCH):
        _map(order_ids=waiting[start : start + BATCH], actor=actor, at=at)
    return len(waiting)


def blocked(*, customer_ids: Sequence[UUID] | None = None, actor: Actor, at: datetime) -> int:
    """Lift the holds of customers who are blocked no more; return how many."""
    rows = sql.fetch(UNBLOCKED, {"customers": list(customer_ids) if customer_ids else None})
    return _lift(HoldKind.BLOCKED_CUSTOMER, [row[0] for row in rows], actor, at)


def sweep(*, actor: Actor, at: datetime) -> int:
    """Lift every hold whose cause is gone; return how many orders that touched."""
    paid = [row[0] for row in sql.fetch(PAID)]
    within = [row[0] for row in sql.fetch(WITHIN_LIMIT)]
    return (
        unknown_products(actor=actor, at=at)
        + blocked(actor=actor, at=at)
        + _lift(HoldKind.PAYMENT, paid, actor, at)
        + _lift(HoldKind.CREDIT, within, actor, at)
    )


@commands.command
def _map(*, order_ids: Sequence[UUID], actor: Actor, at: datetime) -> None:
    progress.lock(order_ids)
    sql.run(MAP, [list(order_ids)])
    known = [row[0] for row in sql.fetch(KNOWN_NOW, [list(order_ids)])]
    holds.lift(
        kind=HoldKind.UNKNOWN_PRODUCT, order_ids=known, reason="SKU known", actor=actor, at=at
    )
    allotment.allot(order_ids=order_ids, actor=actor, at=at, queue_behind=True)


def _lift(kind: str, order_ids: Sequence[UUID], actor: Actor, at: datetime) -> int:
    for start in range(0, len(order_ids), BATCH):
        batch = order_ids[start : start + BATCH]
        holds.lift(kind=kind, order_ids=batch, reason="", actor=actor, at=at)
    return len(order_ids)
