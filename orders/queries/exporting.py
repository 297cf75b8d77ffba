"""Orders as the export of their list writes them: a batch after another, by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from config.kernel import sql
from orders.models import Order, OrderLine

COLUMNS = (
    "id", "number", "reference", "channel__name", "customer_order_number", "customer__name",
    "customer__company", "ship_name", "email", "phone", "shipping_address", "placed_at", "ship_by",
    "status", "payment_status", "fulfillment_status", "priority", "currency", "total_amount",
    "paid_amount", "tags",
)  # fmt: skip

LINE_COLUMNS = (
    "order_id", "position", "sku", "description", "ordered", "cancelled", "pending", "backordered",
    "reserved", "assigned", "shipped", "returned", "unit_price", "discount_amount", "amount",
    "tax_rate", "set_quantity",
)  # fmt: skip

FIGURES = """
SELECT o.id, line.count, line.units, hold.kinds
FROM unnest(%s::uuid[]) AS o(id)
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE l.parent_line_id IS NULL) AS count,
    coalesce(sum(l.ordered - l.cancelled), 0) AS units
  FROM orders_orderline l WHERE l.order_id = o.id) line
LEFT JOIN LATERAL (
  SELECT array_agg(h.kind ORDER BY h.placed_at) AS kinds
  FROM orders_hold h WHERE h.order_id = o.id AND h.status = 'open') hold ON true
"""


@dataclass(frozen=True, slots=True)
class Whole:
    """One order with what its row of a table shows."""

    order: Mapping[str, Any]
    lines: int
    units: int
    holds: Sequence[str]


def orders(*, chosen: QuerySet[Order], after: UUID | None, most: int) -> list[Whole]:
    """Return the next orders of a choice by their keys, the oldest first, in two statements."""
    rest = chosen.filter(pk__gt=after) if after else chosen
    rows = list(rest.order_by("pk").values(*COLUMNS)[:most])
    figures = {row[0]: row[1:] for row in sql.fetch(FIGURES, [[row["id"] for row in rows]])}
    return [
        Whole(row, lines, int(units), kinds or ())
        for row in rows
        for lines, units, kinds in [figures[row["id"]]]
    ]


def lines(order_ids: Sequence[UUID]) -> dict[UUID, list[Mapping[str, Any]]]:
    """Return the lines of orders as their channels sent them, in their order."""
    found: dict[UUID, list[Mapping[str, Any]]] = {pk: [] for pk in order_ids}
    sent = OrderLine.objects.filter(order__in=order_ids, parent_line=None)
    for row in sent.order_by("order_id", "position").values(*LINE_COLUMNS):
        found[row["order_id"]].append(row)
    return found
