"""Gives stock that is allocated to one order to another that waits for it: a decision of people.

The units stay where they are and change hands in one transaction; whoever loses them is
backordered and stands in the queue like everybody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, ids, sql
from config.kernel.actors import Actor
from inventory import calendars as working_time
from inventory.queries import calendars, movements
from inventory.services import reservations
from inventory.services.reservations import Promise
from orders import holding
from orders.errors import AlreadyInWarehouse, LineNotFound, NothingToGive, NotWaiting
from orders.models import Order, OrderLine
from orders.services import allotment, holds, progress
from orders.services.progress import Happened
from orders.states import Action, HoldKind, OrderStatus

SIDES = """
SELECT l.id, l.order_id, l.product_id, l.pending, l.backordered, l.reserved, l.assigned,
  o.number, o.status, o.is_test, o.ship_by, o.ship_not_before, o.ship_complete,
  coalesce((SELECT array_agg(h.kind) FROM orders_hold h
            WHERE h.order_id = o.id AND h.status = 'open'), '{}') AS holds,
  (SELECT sum(r.reserved) FROM orders_orderline r WHERE r.order_id = o.id) AS order_reserved,
  (SELECT coalesce(sum(w.pending + w.backordered), 0) FROM orders_orderline w
   WHERE w.order_id = o.id AND w.is_stocked) AS order_waiting
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id WHERE l.id = ANY(%s)
"""

PLACE = """
SELECT l.product_id, l.warehouse_id, w.code, coalesce(r.quantity, 0) FROM inventory_stocklevel l
JOIN inventory_warehouse w ON w.id = l.warehouse_id
LEFT JOIN inventory_reservation r ON r.level_id = l.id AND r.demand_id = %(line)s
WHERE l.id = %(level)s
"""

EXPECTED = """
SELECT min(t.expected_on), (array_agg(t.destination_id ORDER BY t.expected_on))[1]
FROM inventory_transferline tl JOIN inventory_transfer t ON t.id = tl.transfer_id
WHERE tl.product_id = %s AND t.status = 'in_transit' AND tl.sent > tl.received + tl.lost
  AND t.expected_on IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Gift:
    """So many units of a stock level, from the line that has them to the line that waits."""

    from_line_id: UUID
    to_line_id: UUID
    level_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class _Place:
    product_id: UUID
    warehouse_id: UUID
    warehouse: str
    promised: int


@commands.command
def give(*, gift: Gift, reason: str, command_id: UUID, actor: Actor, at: datetime) -> None:
    """Let units change hands; done again under the same command it finds them given.

    The loser's units are backordered, and its ship-by is that of what it still has, else of what is
    expected, else nobody's guess. The winner leaves by the next cut-off. Both timelines tell it.
    Raises `NothingToGive`, `AlreadyInWarehouse`, `NotWaiting`, `LineNotFound`. Locks the orders by
    id, then the level.
    """
    seen = _sides(gift)
    progress.lock(sorted({side["order_id"] for side in seen.values()}))
    if movements.of_command(command_id):
        return
    sides = _sides(gift)
    loser, winner = sides[gift.from_line_id], sides[gift.to_line_id]
    place = _checked(gift, loser, winner)
    _hand_over(gift, loser, winner, reason, command_id, actor, at)
    _move(gift, loser, winner)
    sql.update(Order, [_loser_dates(gift, loser, at), *_winner_dates(gift, winner, place, at)])
    told = {"quantity": gift.quantity, "warehouse": place.warehouse, "reason": reason}
    progress.record(
        happened=[
            _happened("order.allocation_lost", loser, winner, told),
            _happened("order.lines_available", winner, loser, told),
        ],
        actor=actor,
        command_id=command_id,
        at=at,
    )
    if HoldKind.SHORTAGE in winner["holds"] and winner["order_waiting"] == gift.quantity:
        holds.lift(
            kind=HoldKind.SHORTAGE,
            order_ids=[winner["order_id"]],
            reason=reason,
            actor=actor,
            at=at,
        )


def _sides(gift: Gift) -> dict[UUID, dict[str, Any]]:
    rows = sql.fetch_dicts(SIDES, [[gift.from_line_id, gift.to_line_id]])
    if len(rows) < 2:
        raise LineNotFound
    return {row["id"]: row for row in rows}


def _checked(gift: Gift, loser: Mapping[str, Any], winner: Mapping[str, Any]) -> _Place:
    """Return where the units lie; raise when they cannot change hands. The orders are locked."""
    found = sql.fetch(PLACE, {"line": gift.from_line_id, "level": gift.level_id})
    if not found or gift.quantity < 1:
        raise NothingToGive
    place = _Place(*found[0])
    has = min(loser["reserved"], place.promised)
    if gift.quantity > has:
        raise AlreadyInWarehouse(left=has) if loser["assigned"] else NothingToGive(left=has)
    wants = _wants(winner) if winner["product_id"] == place.product_id else 0
    if winner["order_id"] == loser["order_id"] or gift.quantity > wants:
        raise NotWaiting(left=wants)
    return place


def _wants(side: Mapping[str, Any]) -> int:
    """Units that a line waits for: what is backordered, and what a shortage keeps from asking."""
    others = [kind for kind in side["holds"] if kind != HoldKind.SHORTAGE]
    is_open = side["status"] == OrderStatus.OPEN and not side["is_test"]
    if not is_open or holding.blocks(others, Action.ALLOCATE):
        return 0
    is_kept_whole = HoldKind.SHORTAGE in side["holds"]
    return int(side["backordered"] + (side["pending"] if is_kept_whole else 0))


def _hand_over(
    gift: Gift,
    loser: Mapping[str, Any],
    winner: Mapping[str, Any],
    reason: str,
    command_id: UUID,
    actor: Actor,
    at: datetime,
) -> None:
    """Release the promise and make the other; the level stays locked in between."""
    reservations.release_promises(
        promises=[Promise(gift.from_line_id, gift.level_id, gift.quantity)],
        command_id=command_id,
        subject_id=loser["order_id"],
        document=loser["number"],
        actor=actor,
        at=at,
        reason=reason,
    )
    reservations.reserve(
        promises=[Promise(gift.to_line_id, gift.level_id, gift.quantity)],
        command_id=ids.derived("received", command_id),
        subject_id=winner["order_id"],
        document=winner["number"],
        actor=actor,
        at=at,
    )


def _move(gift: Gift, loser: Mapping[str, Any], winner: Mapping[str, Any]) -> None:
    from_queue = min(winner["backordered"], gift.quantity)
    rows = [
        {
            "id": loser["id"],
            "pending": loser["pending"],
            "backordered": loser["backordered"] + gift.quantity,
            "reserved": loser["reserved"] - gift.quantity,
        },
        {
            "id": winner["id"],
            "pending": winner["pending"] - (gift.quantity - from_queue),
            "backordered": winner["backordered"] - from_queue,
            "reserved": winner["reserved"] + gift.quantity,
        },
    ]
    sql.update(OrderLine, rows)


def _loser_dates(gift: Gift, loser: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What it still has leaves as promised; else it leaves when more comes, if anybody knows."""
    keeps_some = loser["order_reserved"] > gift.quantity and not loser["ship_complete"]
    ship_by = loser["ship_by"] if keeps_some else _expected(loser, at)
    return {"id": loser["order_id"], "ship_by": ship_by}


def _expected(loser: Mapping[str, Any], at: datetime) -> datetime | None:
    day, warehouse = sql.fetch(EXPECTED, [loser["product_id"]])[0]
    if day is None:
        return None
    first: date = max(day, loser["ship_not_before"] or day)
    return working_time.ship_by(at, calendars.of(warehouse), first)


def _winner_dates(
    gift: Gift, winner: Mapping[str, Any], place: _Place, at: datetime
) -> list[dict[str, Any]]:
    if winner["ship_complete"] and winner["order_waiting"] > gift.quantity:
        return []
    ship_by = allotment.leaves_by(winner, [place.warehouse_id], at)
    return [{"id": winner["order_id"], "ship_by": ship_by}]


def _happened(
    type_: str, side: Mapping[str, Any], other: Mapping[str, Any], told: Mapping[str, Any]
) -> Happened:
    payload = {
        "lines": [{"line": str(side["id"]), "quantity": told["quantity"]}],
        "other_order": other["number"],
        "product_id": str(side["product_id"]),
        "warehouse": told["warehouse"],
        "reason": told["reason"],
    }
    return Happened(side["order_id"], type_, payload)
