"""Counts of many bins at once: what was counted is what lies there from then on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.kernel import commands, events, ids
from config.kernel.actors import Actor
from inventory.booking import BinChange, Entry, Posted
from inventory.models import StockMovement
from inventory.services import ledger, levels

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in one bin, and by how much the books differ."""

    product_id: UUID
    warehouse_id: UUID
    bin_id: UUID
    lot: str | None
    condition: str
    difference: int


@commands.command
def book(
    *,
    counts: Sequence[Counted],
    reason: str,
    document: str,
    command_id: UUID,
    actor: Actor,
    at: datetime,
) -> list[Posted]:
    """Book counts as one entry of the ledger for each product and warehouse.

    Who calls has locked the levels and compared the figures under that lock. What more can be sold
    then is published as `stock.gained_many`, some dozen products an event. Raises `ShortfallError`
    when more is promised than was found, `NotStocked`.
    """
    pairs = {(one.product_id, one.warehouse_id) for one in counts}
    level_ids = levels.ensure(pairs=pairs)
    changes: dict[UUID, list[BinChange]] = defaultdict(list)
    for one in counts:
        change = BinChange(one.bin_id, one.difference, one.lot, one.condition)
        changes[level_ids[one.product_id, one.warehouse_id]].append(change)
    entries = [
        Entry(
            level_id,
            StockMovement.Kind.COUNT,
            command_id,
            bins=tuple(changes[level_id]),
            reason=reason,
            document=document,
        )
        for level_id in sorted(changes)
    ]
    posted = ledger.post(entries=entries, actor=actor, at=at, quiet=True)
    _publish(posted, command_id, actor, at)
    return posted


def _publish(posted: Sequence[Posted], command_id: UUID, actor: Actor, at: datetime) -> None:
    gained = sorted({one.product_id for one in posted if one.gained > 0})
    events.publish_many(
        [
            events.row(
                type="stock.gained_many",
                aggregate="stock",
                aggregate_id=ids.new(),
                version=1,
                at=at,
                actor=actor,
                command_id=command_id,
                payload={"product_ids": gained[start : start + AT_ONCE]},
            )
            for start in range(0, len(gained), AT_ONCE)
        ]
    )
