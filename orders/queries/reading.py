"""Orders as the API and the console read them: whole ones, their timelines, and pages of many."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import event_types, folding, sql
from config.kernel.api import pagination, problems
from config.kernel.models import Event
from orders import answers
from orders.errors import LineNotFound
from orders.models import Order, OrderLine
from orders.queries import search

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
    "is_short", "placed_at", "updated_at", "ship_by", "deliver_by", "priority", "is_test",
    "currency", "total_amount", "customer_order_number", "ship_country", "version",
)  # fmt: skip
LIST = f"""
SELECT {", ".join(LISTED)}
FROM orders_order o WHERE channel_id = %(channel)s {{conditions}}
ORDER BY placed_at DESC, id DESC LIMIT %(rows)s
"""  # noqa: S608 - column names from this module
CONDITIONS = {
    "status": "status = %(status)s",
    "payment_status": "payment_status = %(payment_status)s",
    "fulfillment_status": "fulfillment_status = %(fulfillment_status)s",
    "placed_after": "placed_at >= %(placed_after)s",
    "placed_before": "placed_at < %(placed_before)s",
    "reference": "reference = %(reference)s",
    "email": "email_key = %(email_key)s",
    "sku": """EXISTS (SELECT FROM orders_orderline l
      WHERE l.order_id = o.id AND l.sku_key = %(sku_key)s)""",
    "found": "o.id = ANY(%(found)s::uuid[])",
    "behind": "(placed_at, id) < (%(last_placed_at)s, %(last_id)s)",
}

KEYS = {"sku": folding.sku, "email": folding.key}


def whole(*, channel_id: UUID, number: str) -> tuple[UUID, dict[str, Any]] | None:
    """Return an order of this channel by its number with its id, or None; four statements."""
    found = sql.fetch_dicts(ORDER, [channel_id, number])
    if not found:
        return None
    order = found[0]
    for name in JSON_OF_ORDER:
        order[name] = sql.raw(order[name])
    lines = [
        {**line, "attributes": sql.raw(line["attributes"])}
        for line in sql.fetch_dicts(LINES, [order["id"]])
    ]
    document = answers.order(
        order=order,
        lines=[line for line in lines if line["parent_line_id"] is None],
        components=[line for line in lines if line["parent_line_id"] is not None],
        holds=[
            {**hold, "params": sql.raw(hold["params"])}
            for hold in sql.fetch_dicts(HOLDS, [order["id"]])
        ],
        payments=sql.fetch_dicts(PAYMENTS, [order["id"]]),
    )
    return order["id"], document


def page(
    *, channel_id: UUID, chosen: Mapping[str, Any], params: Mapping[str, str]
) -> dict[str, Any]:
    """Return one page of a channel's orders, newest first, and the next one's cursor; one query.

    `chosen` are values by the names of `CONDITIONS`, `params` the request's, for limit and cursor.
    Orders that existed when a walk began appear exactly once. Raises `BadRequest` for a foreign
    cursor.
    """
    limit = pagination.limit_of(params)
    values = {**chosen, "channel": channel_id, "rows": limit + 1, **_behind(params)}
    statement = LIST.format(conditions=conditions(values))
    rows = sql.fetch_dicts(statement, keyed(values), binary=True)
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    return {
        "results": [answers.headline(row) for row in rows],
        "next": pagination.cursor(params, (last["placed_at"], last["id"])) if last else None,
    }


def _behind(params: Mapping[str, str]) -> dict[str, Any]:
    position = pagination.position_of(params)
    if position is None:
        return {}
    try:
        placed_at, order_id = position
        last = {"last_placed_at": datetime.fromisoformat(placed_at), "last_id": UUID(order_id)}
    except ValueError as error:
        raise problems.BadRequest("This cursor is not ours.") from error
    return {"behind": True, **last}


def conditions(values: Mapping[str, Any]) -> str:
    """Return the conditions that narrow a list by these values."""
    return "".join(f" AND {text}" for name, text in CONDITIONS.items() if name in values)


def searched(chosen: Mapping[str, Any], *, channel_id: UUID) -> dict[str, Any]:
    """Return the values with the orders that a search means, if one is among them; one query."""
    if "search" not in chosen:
        return dict(chosen)
    orders = Order.objects.for_channel(channel_id)
    found = search.find(term=chosen["search"], orders=orders)
    return {**chosen, "found": sql.array(found)}


def keyed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values beside the keys that texts are compared by."""
    keys = {name: folded for name, folded in KEYS.items() if name in values}
    return {**values, **{f"{name}_key": folded(values[name]) for name, folded in keys.items()}}


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
            "data": _for_its_channel(event.payload),
        }
        for event in told
    ]


def _for_its_channel(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What concerns another order, maybe another channel's, stays inside with its reason."""
    if "other_order" not in payload:
        return payload
    return {name: value for name, value in payload.items() if name not in event_types.INSIDE}


def lines_at(*, order_id: UUID, positions: Iterable[int]) -> dict[int, UUID]:
    """Return the ids of an order's lines as sent, by position; raises `LineNotFound`."""
    wanted = set(positions)
    rows = OrderLine.objects.filter(order=order_id, position__in=wanted, parent_line=None)
    found = dict(rows.values_list("position", "id"))
    if missing := wanted - set(found):
        raise LineNotFound(positions=sorted(missing))
    return found
