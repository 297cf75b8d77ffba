"""Orders as the API and the console read them: whole ones, their timelines, and pages of many."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from config.kernel import sql
from config.kernel.api import pagination
from config.kernel.models import Event
from orders import answers
from orders.errors import LineNotFound
from orders.models import Order, OrderLine

ORDER = "SELECT * FROM orders_order WHERE channel_id = %s AND number = %s"
LINES = "SELECT * FROM orders_orderline WHERE order_id = %s ORDER BY position"
HOLDS = """
SELECT kind, placed_at, params FROM orders_hold
WHERE order_id = %s AND status = 'open' ORDER BY placed_at, kind
"""
PAYMENTS = (
    "SELECT method, status, amount, reference FROM orders_payment WHERE order_id = %s ORDER BY id"
)
JSON_OF_ORDER = ("fees", "shipping_address", "billing_address", "metadata")

LISTED = (
    "id", "number", "reference", "status", "payment_status", "fulfillment_status", "is_held",
    "is_short", "placed_at", "updated_at", "ship_by", "deliver_by", "priority", "currency",
    "total_amount", "customer_order_number", "ship_country", "version",
)  # fmt: skip


def whole(*, channel_id: UUID, number: str) -> tuple[UUID, dict[str, Any]] | None:
    """Return an order of this channel by its number with its id, or None; four statements."""
    found = sql.fetch_dicts(ORDER, [channel_id, number])
    if not found:
        return None
    order = found[0]
    for name in JSON_OF_ORDER:
        order[name] = sql.raw(order[name])
    document = answers.order(
        order=order,
        lines=[
            {**line, "attributes": sql.raw(line["attributes"])}
            for line in sql.fetch_dicts(LINES, [order["id"]])
        ],
        holds=[
            {**hold, "params": sql.raw(hold["params"])}
            for hold in sql.fetch_dicts(HOLDS, [order["id"]])
        ],
        payments=sql.fetch_dicts(PAYMENTS, [order["id"]]),
    )
    return order["id"], document


def page(orders: QuerySet[Order], params: Mapping[str, str]) -> dict[str, Any]:
    """Return one page of orders, newest first, and the cursor of the next; one query.

    Orders that existed when a walk began appear exactly once.
    """
    limit, position = pagination.limit_of(params), pagination.position_of(params)
    if position is not None:
        placed_at, order_id = parse_datetime(position[0]), position[1]
        behind = Q(placed_at__lt=placed_at) | Q(id__lt=order_id)
        orders = orders.filter(behind, placed_at__lte=placed_at)
    rows = list(orders.order_by("-placed_at", "-id").values(*LISTED)[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    return {
        "results": [answers.headline(row) for row in rows],
        "next": pagination.cursor(params, (last["placed_at"], last["id"])) if last else None,
    }


def timeline(*, order_id: UUID) -> list[dict[str, Any]]:
    """Return all that happened to an order, oldest first; one query by index."""
    told = Event.objects.filter(subject_id=order_id).order_by("id")
    return [
        {
            "id": str(event.pk),
            "type": event.type,
            "version": event.aggregate_version,
            "occurred_at": answers.moment(event.occurred_at),
            "actor": {"kind": event.actor_kind, "name": event.actor_label},
            "data": event.payload,
        }
        for event in told
    ]


def lines_at(*, order_id: UUID, positions: Iterable[int]) -> dict[int, UUID]:
    """Return the ids of an order's lines by position; raises `LineNotFound`."""
    wanted = set(positions)
    rows = OrderLine.objects.filter(order=order_id, position__in=wanted)
    found = dict(rows.values_list("position", "id"))
    if missing := wanted - set(found):
        raise LineNotFound(positions=sorted(missing))
    return found
