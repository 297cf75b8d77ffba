"""Decides who waits when stock that is promised turns out not to be there.

Inventory refuses to break a promise; here the promises that are due last are taken back, their
units are backordered, and then the stock is booked as it is.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from config.kernel import commands, ids, sql
from config.kernel.actors import Actor
from inventory.errors import ShortfallError
from inventory.services import reservations
from inventory.services.reservations import Promise
from orders.models import OrderLine
from orders.services import progress
from orders.services.progress import Happened

R = TypeVar("R")

# Units on a shipment are not taken back here: the warehouse has them in hand.
VICTIMS = """
SELECT r.demand_id, r.quantity, l.order_id, l.reserved, l.backordered, l.product_id
FROM inventory_reservation r
JOIN orders_orderline l ON l.id = r.demand_id AND l.reserved > 0
JOIN orders_order o ON o.id = l.order_id
WHERE r.level_id = %s
ORDER BY o.priority DESC, o.ship_by DESC NULLS FIRST, o.placed_at DESC, o.id DESC, l.position DESC
"""


def apply(*, book: Callable[[], R], actor: Actor, at: datetime) -> R:
    """Book a loss of stock; if promises stand in its way, those due last wait instead.

    `book` calls one inventory command that may raise `ShortfallError`; it is called again once
    there is room. Raises `ShortfallError` when all that could be taken back is not enough. Locks
    the orders by id, then levels by id.
    """
    try:
        return book()
    except ShortfallError as shortage:
        if shortage.cause != "promised":
            raise
        met = shortage
    return make_room(shortage=met, book=book, actor=actor, at=at)


@commands.command
def make_room(*, shortage: ShortfallError, book: Callable[[], R], actor: Actor, at: datetime) -> R:
    """Take back the promises due last that stand in a booking's way, then book it.

    Promises and raises as `apply` does; the caller's transaction has locked nothing yet.
    """
    level_id = shortage.level_id
    seen = sql.fetch_dicts(VICTIMS, [level_id])
    order_ids = sorted({victim["order_id"] for victim in seen})
    progress.lock(order_ids)
    taken = _choose(sql.fetch_dicts(VICTIMS, [level_id]), set(order_ids), shortage.missing)
    command_id = ids.new()
    if taken:
        reservations.release_promises(
            promises=[Promise(one["demand_id"], level_id, one["taken"]) for one in taken],
            command_id=command_id, subject_id=None, document="", actor=actor, at=at,
        )  # fmt: skip
    sql.update(OrderLine, [_line_row(one) for one in taken])
    progress.record(happened=_happened(taken), actor=actor, command_id=command_id, at=at)
    return book()


def _choose(
    victims: Sequence[dict[str, Any]], locked: set[UUID], missing: int
) -> list[dict[str, Any]]:
    chosen = []
    for victim in victims:
        units = min(missing, victim["quantity"], victim["reserved"])
        if victim["order_id"] in locked and units:
            chosen.append({**victim, "taken": units})
            missing -= units
    return chosen


def _line_row(victim: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": victim["demand_id"],
        "reserved": victim["reserved"] - victim["taken"],
        "backordered": victim["backordered"] + victim["taken"],
    }


def _happened(taken: Sequence[dict[str, Any]]) -> list[Happened]:
    return [
        Happened(
            one["order_id"],
            "order.allocation_lost",
            {
                "lines": [{"line": str(one["demand_id"]), "quantity": one["taken"]}],
                "product_id": str(one["product_id"]),
            },
        )
        for one in taken
    ]
