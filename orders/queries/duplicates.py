"""Whether an order looks like one that the same customer placed a moment ago."""

from datetime import datetime, timedelta
from uuid import UUID

from config.kernel import folding, sql
from orders.contract import OrderIn

WINDOW = timedelta(hours=24)

TWIN = """
SELECT o.number FROM orders_order o
WHERE o.customer_id = %(customer)s AND o.channel_id = %(channel)s AND o.status <> 'cancelled'
  AND o.created_at >= %(since)s AND o.currency = %(currency)s
  AND (SELECT array_agg(sent.line ORDER BY sent.line COLLATE "C")
       FROM (SELECT concat(l.sku_key, '×', coalesce(l.set_quantity, l.ordered))::text AS line
             FROM orders_orderline l WHERE l.order_id = o.id AND l.parent_line_id IS NULL) sent
       ) = %(lines)s
ORDER BY o.created_at DESC LIMIT 1
"""


def of(asked: OrderIn, channel_id: UUID, customer_id: UUID | None, at: datetime) -> str | None:
    """Return the number of the customer's order with the same lines within a day, or None."""
    if customer_id is None:
        return None
    rows = sql.fetch(
        TWIN,
        {
            "customer": customer_id,
            "channel": channel_id,
            "since": at - WINDOW,
            "currency": asked.currency,
            "lines": _lines(asked),
        },
    )
    return str(rows[0][0]) if rows else None


def _lines(asked: OrderIn) -> list[str]:
    return sorted(f"{folding.sku(line.sku)}×{line.quantity}" for line in asked.lines)
