"""Keeps an order's cached figures true and writes what happened: every change ends here.

Statuses are derived by `orders.states.derive` and cached by one set-based statement; an order is
released to the warehouse as soon as no hold forbids it, and taken back when one does.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, events, sql
from config.kernel.actors import Actor
from orders import holding, states
from orders.errors import NothingToShip
from orders.models import Order, OrderLine

LOCK = "SELECT id FROM orders_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

ORDERS_OF_LINES = """
SELECT DISTINCT order_id FROM orders_orderline WHERE id = ANY(%s) ORDER BY order_id
"""

FIGURES = """
SELECT o.id, o.channel_id, o.number, o.origin, o.is_test, o.version, o.released_at, o.total_amount,
  o.paid_amount, o.authorized_amount, o.refunded_amount,
  line.ordered, line.cancelled, line.backordered, line.assigned, line.shipped,
  coalesce((SELECT array_agg(h.kind) FROM orders_hold h
            WHERE h.order_id = o.id AND h.status = 'open'), '{}') AS holds
FROM orders_order o
CROSS JOIN LATERAL (
  SELECT sum(ordered) AS ordered, sum(cancelled) AS cancelled, sum(backordered) AS backordered,
    sum(assigned) AS assigned, sum(shipped) AS shipped
  FROM orders_orderline WHERE order_id = o.id) line
WHERE o.id = ANY(%s) ORDER BY o.id
"""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to an order, for its timeline: ids, codes and quantities only."""

    order_id: UUID
    type: str
    payload: Mapping[str, Any] = field(default_factory=dict)


def lock(order_ids: Sequence[UUID]) -> None:
    """Lock orders by id, before anything else is locked (orders → levels → bins → series)."""
    sql.fetch(LOCK, [list(order_ids)])


@commands.command
def record(*, happened: Sequence[Happened], actor: Actor, command_id: UUID, at: datetime) -> None:
    """Refresh the orders something happened to and write their events with dense versions.

    The caller has locked the orders and changed lines, holds or money in this transaction.
    Statements: three, however many orders.
    """
    told: dict[UUID, list[Happened]] = defaultdict(list)
    for one in happened:
        told[one.order_id].append(one)
    order_rows, event_rows = [], []
    for facts in sql.fetch_dicts(FIGURES, [sorted(told)]):
        row = _refreshed(facts, at)
        news = [*told[facts["id"]], *_release(facts, row)]
        for version, one in enumerate(news, facts["version"] + 1):
            event_rows.append(_event(facts, one, version, actor, command_id, at))
        row["version"] = facts["version"] + len(news)
        order_rows.append(row)
    sql.update(Order, order_rows)
    events.publish_many(event_rows)


@commands.command
def record_shipped(
    *, units: Mapping[UUID, int], actor: Actor, command_id: UUID, at: datetime
) -> None:
    """Move units of lines that left the building to `shipped`; their stock was consumed with them.

    Units on a shipment go first, then allocated ones. Non-stock lines leave with the order's first
    shipment. Raises `NothingToShip` for more than is allocated. Locks the orders by id.
    """
    order_ids = [row[0] for row in sql.fetch(ORDERS_OF_LINES, [list(units)])]
    lock(order_ids)
    lines = OrderLine.objects.filter(order__in=order_ids)
    moved = [line for line in lines if _ship(line, units.get(line.pk, 0))]
    sql.update(OrderLine, [_buckets(line) for line in moved])
    parts: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for line in moved:
        left = units.get(line.pk, line.shipped)
        parts[line.order_id].append({"line": str(line.pk), "quantity": left})
    happened = [
        Happened(order_id, "order.shipped", {"lines": told}) for order_id, told in parts.items()
    ]
    record(happened=happened, actor=actor, command_id=command_id, at=at)


def _ship(line: OrderLine, units: int) -> bool:
    """Move units to `shipped` in memory; tell whether the line changed."""
    if not line.is_stocked:
        units, line.pending = line.pending, 0
        line.shipped += units
        return units > 0
    on_shipment = min(units, line.assigned)
    line.assigned -= on_shipment
    line.reserved -= units - on_shipment
    line.shipped += units
    if line.reserved < 0:
        raise NothingToShip(position=line.position)
    return units > 0


def _buckets(line: OrderLine) -> dict[str, Any]:
    names = ("pending", "reserved", "assigned", "shipped")
    return {"id": line.pk, **{name: getattr(line, name) for name in names}}


@commands.command
def refresh(*, order_ids: Sequence[UUID], at: datetime) -> None:
    """Derive the cached figures of orders again, for repairs: every command does it by itself."""
    lock(order_ids)
    facts = sql.fetch_dicts(FIGURES, [sorted(order_ids)])
    sql.update(Order, [{**_refreshed(row, at), "version": row["version"]} for row in facts])


def _refreshed(facts: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    statuses = states.derive(
        states.Figures(
            ordered=facts["ordered"],
            cancelled=facts["cancelled"],
            assigned=facts["assigned"],
            shipped=facts["shipped"],
            total=facts["total_amount"],
            paid=facts["paid_amount"],
            authorized=facts["authorized_amount"],
            refunded=facts["refunded_amount"],
        )
    )
    blocked = facts["is_test"] or holding.blocks(facts["holds"], states.Action.RELEASE)
    is_open = statuses.status == states.OrderStatus.OPEN
    return {
        "id": facts["id"],
        "status": statuses.status,
        "payment_status": statuses.payment_status,
        "fulfillment_status": statuses.fulfillment_status,
        "is_held": bool(facts["holds"]) and is_open,
        "is_short": facts["backordered"] > 0,
        "released_at": (facts["released_at"] or at) if is_open and not blocked else
        (facts["released_at"] if not is_open else None),
        "updated_at": at,
    }  # fmt: skip


def _release(facts: Mapping[str, Any], row: Mapping[str, Any]) -> list[Happened]:
    was, now = facts["released_at"] is not None, row["released_at"] is not None
    if was == now:
        return []
    return [Happened(facts["id"], "order.released" if now else "order.taken_back")]


def _event(
    facts: Mapping[str, Any],
    one: Happened,
    version: int,
    actor: Actor,
    command_id: UUID,
    at: datetime,
) -> dict[str, Any]:
    return events.row(
        type=one.type,
        aggregate="order",
        aggregate_id=facts["id"],
        subject_id=facts["id"],
        channel_id=facts["channel_id"],
        version=version,
        at=at,
        actor=actor,
        command_id=command_id,
        payload={"number": facts["number"], **one.payload},
        silent=facts["origin"] == states.Origin.HISTORY,
    )
