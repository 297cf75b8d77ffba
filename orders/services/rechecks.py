"""Lifts holds whose cause went away: customers unblocked, money in, room for credit.

Called by events; `sweep` looks at all of them now and then, in case an event went unheard.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from config.kernel import sql
from config.kernel.actors import Actor
from orders.services import holds
from orders.states import HoldKind

BATCH = 200

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


def blocked(*, customer_ids: Sequence[UUID] | None = None, actor: Actor, at: datetime) -> int:
    """Lift the holds of customers who are blocked no more; return how many."""
    rows = sql.fetch(UNBLOCKED, {"customers": list(customer_ids) if customer_ids else None})
    return _lift(HoldKind.BLOCKED_CUSTOMER, [row[0] for row in rows], actor, at)


def sweep(*, actor: Actor, at: datetime) -> int:
    """Lift every hold whose cause is gone; return how many orders that touched."""
    paid = [row[0] for row in sql.fetch(PAID)]
    within = [row[0] for row in sql.fetch(WITHIN_LIMIT)]
    return (
        blocked(actor=actor, at=at)
        + _lift(HoldKind.PAYMENT, paid, actor, at)
        + _lift(HoldKind.CREDIT, within, actor, at)
    )


def _lift(kind: str, order_ids: Sequence[UUID], actor: Actor, at: datetime) -> int:
    for start in range(0, len(order_ids), BATCH):
        batch = order_ids[start : start + BATCH]
        holds.lift(kind=kind, order_ids=batch, reason="", actor=actor, at=at)
    return len(order_ids)
