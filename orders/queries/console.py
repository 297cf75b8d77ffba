"""The console's list of orders: a page of rows with their headlines, in two statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from config.kernel import sql
from orders import headlines
from orders.headlines import Buckets, Facts, Headline, Missing, OpenHold
from orders.models import Order
from orders.states import PaymentStatus

PER_PAGE = 50
LAST_PAGE = 2_000

COLUMNS = (
    "id", "number", "reference", "channel_id", "ship_name", "ship_country", "placed_at", "status",
    "payment_status", "fulfillment_status", "origin", "released_at", "ship_by", "ship_not_before",
    "allocate_at", "ship_complete", "is_test", "priority", "currency", "total_amount",
    "customer__company", "customer__name", "tags",
)  # fmt: skip

# What the headlines of a page depend on: units by bucket, what is missing and when more comes,
# holds.
DETAILS = """
SELECT o.id, line.count, line.ordered, line.cancelled, line.pending, line.backordered,
  line.reserved, line.assigned, line.shipped, line.waiting, line.missing, hold.open,
  (SELECT left(n.text, 300) FROM orders_ordernote n WHERE n.order_id = o.id AND n.is_pinned)
FROM unnest(%s::uuid[]) AS o(id)
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE l.parent_line_id IS NULL) AS count, sum(l.ordered) AS ordered,
    sum(l.cancelled) AS cancelled,
    sum(l.pending) AS pending, sum(l.backordered) AS backordered, sum(l.reserved) AS reserved,
    sum(l.assigned) AS assigned, sum(l.shipped) AS shipped,
    sum(l.pending) FILTER (WHERE l.is_stocked) AS waiting,
    json_agg(json_build_array(l.sku, l.backordered, (
      SELECT min(t.expected_on) FROM inventory_transferline tl
      JOIN inventory_transfer t ON t.id = tl.transfer_id AND t.status = 'in_transit'
      WHERE tl.product_id = l.product_id AND tl.sent > tl.received + tl.lost)) ORDER BY l.position)
      FILTER (WHERE l.backordered > 0) AS missing
  FROM orders_orderline l WHERE l.order_id = o.id) line
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_array(h.kind, h.params, h.placed_by, h.remind_on)
    ORDER BY h.placed_at) AS open
  FROM orders_hold h WHERE h.order_id = o.id AND h.status = 'open') hold ON true
"""


@dataclass(frozen=True, slots=True)
class Details:
    """What a headline needs beyond the order's own row."""

    lines: int
    buckets: Buckets
    missing: tuple[Missing, ...]
    holds: tuple[OpenHold, ...]
    pinned: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One order as the list shows it."""

    id: UUID
    number: str
    reference: str
    channel_id: UUID
    customer: str
    country: str
    placed_at: datetime
    ship_by: datetime | None
    is_late: bool
    lines: int
    units: int
    currency: str
    total: Decimal
    payment_status: str
    priority: int
    is_test: bool
    headline: Headline
    tags: Sequence[str] = ()
    pinned: str = ""

    @property
    def is_paid(self) -> bool:
        """Tell whether nothing is left to pay."""
        return self.payment_status == PaymentStatus.PAID


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and whether there are more."""

    rows: Sequence[Row]
    number: int
    has_next: bool


def page(*, orders: QuerySet[Order], number: int, now: datetime, today: date) -> Page:
    """Return one page of an ordered queryset in two statements; it is never counted."""
    first = (min(max(number, 1), LAST_PAGE) - 1) * PER_PAGE
    found = list(orders.values(*COLUMNS)[first : first + PER_PAGE + 1])
    shown = found[:PER_PAGE]
    known = details([row["id"] for row in shown])
    rows = [_row(row, known[row["id"]], now, today) for row in shown]
    return Page(rows, first // PER_PAGE + 1, len(found) > PER_PAGE)


def details(order_ids: Sequence[UUID]) -> dict[UUID, Details]:
    """Return what the headlines of these orders need, in one statement."""
    return {row[0]: _details(row) for row in sql.fetch(DETAILS, [list(order_ids)])}


def headline(order: Mapping[str, Any], known: Details, today: date) -> Headline:
    """Return an order's headline from its columns and details."""
    return headlines.decide(
        Facts(
            status=order["status"],
            fulfillment_status=order["fulfillment_status"],
            origin=order["origin"],
            buckets=known.buckets,
            today=today,
            holds=known.holds,
            missing=known.missing,
            released_at=order["released_at"],
            ship_not_before=order["ship_not_before"],
            allocate_on=order["allocate_at"] and timezone.localdate(order["allocate_at"]),
            ship_complete=order["ship_complete"],
            is_test=order["is_test"],
            currency=order["currency"],
        )
    )


def is_late(ship_by: datetime | None, told: Headline, now: datetime) -> bool:
    """Tell whether the last moment to ship has passed with something still here."""
    return ship_by is not None and ship_by < now and told.is_unshipped


def _row(order: Mapping[str, Any], known: Details, now: datetime, today: date) -> Row:
    told = headline(order, known, today)
    return Row(
        id=order["id"],
        number=order["number"],
        reference=order["reference"],
        channel_id=order["channel_id"],
        customer=order["customer__company"] or order["customer__name"] or order["ship_name"],
        country=order["ship_country"],
        placed_at=order["placed_at"],
        ship_by=order["ship_by"],
        is_late=is_late(order["ship_by"], told, now),
        lines=known.lines,
        units=known.buckets.ordered - known.buckets.cancelled,
        currency=order["currency"],
        total=order["total_amount"],
        payment_status=order["payment_status"],
        priority=order["priority"],
        is_test=order["is_test"],
        headline=told,
        tags=order["tags"],
        pinned=known.pinned,
    )


def _details(row: tuple[Any, ...]) -> Details:
    missing = tuple(
        Missing(sku, quantity, expected and date.fromisoformat(expected))
        for sku, quantity, expected in row[10] or ()
    )
    holds = tuple(
        OpenHold(kind, params, by, day and date.fromisoformat(day))
        for kind, params, by, day in row[11] or ()
    )
    buckets = Buckets(*(int(units or 0) for units in row[2:10]))
    return Details(row[1], buckets, missing, holds, row[12] or "")
