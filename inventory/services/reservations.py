"""Promises: units of a level kept for a demand, which is the caller's own key for what it needs.

A promise is only ever made, shipped or given up by the caller; inventory never breaks one. Locks:
levels in id order, then the promises on them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, ids, sql
from config.kernel.actors import Actor
from inventory import errors
from inventory.booking import BinChange, Entry
from inventory.models import StockMovement
from inventory.queries import movements
from inventory.services import ledger

# A demand may be filled again on the same level.
KEEP = """
INSERT INTO inventory_reservation (id, demand_id, level_id, quantity)
SELECT id, demand_id, level_id, quantity
FROM json_populate_recordset(NULL::inventory_reservation, %s)
ON CONFLICT (demand_id, level_id)
DO UPDATE SET quantity = inventory_reservation.quantity + excluded.quantity
"""

LOCK_PROMISES = """
SELECT r.id, r.demand_id, r.level_id, r.quantity FROM inventory_reservation r
WHERE r.demand_id = ANY(%s) AND r.level_id = ANY(%s) ORDER BY r.id FOR UPDATE
"""

# The last resort gives up first: what lies in the warehouse that is asked last.
OF_DEMANDS = """
SELECT r.demand_id, r.level_id, r.quantity FROM inventory_reservation r
JOIN inventory_stocklevel l ON l.id = r.level_id
JOIN inventory_warehouse w ON w.id = l.warehouse_id
WHERE r.demand_id = ANY(%s) ORDER BY w.priority DESC, w.code DESC, r.level_id
"""

REDUCE = """
WITH rest AS (SELECT * FROM unnest(%(ids)s::uuid[], %(rests)s::int[]) rest(id, quantity)),
gone AS (
  DELETE FROM inventory_reservation r USING rest WHERE r.id = rest.id AND rest.quantity = 0)
UPDATE inventory_reservation r SET quantity = rest.quantity
FROM rest WHERE r.id = rest.id AND rest.quantity > 0
"""

PerLevel = dict[UUID, int]


@dataclass(frozen=True, slots=True)
class Promise:
    """So many units of a level for a demand."""

    demand_id: UUID
    level_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What a movement says about why it was made."""

    command_id: UUID
    subject_id: UUID | None
    document: str
    actor: Actor
    at: datetime
    reason: str


def per_level(promises: Iterable[Promise]) -> PerLevel:
    """Return the units asked of each level."""
    total: PerLevel = {}
    for promise in promises:
        total[promise.level_id] = total.get(promise.level_id, 0) + promise.quantity
    return total


def rows(promises: Iterable[Promise]) -> list[dict[str, Any]]:
    """Return the rows of new promises for a bulk insert; equal demand and level are one row.

    The caller inserts them in the transaction in which it calls `take` for the same units.
    """
    merged = _merged(promises)
    return [
        {"id": ids.new(), "demand_id": demand_id, "level_id": level_id, "quantity": quantity}
        for (demand_id, level_id), quantity in merged.items()
    ]


def take(
    *,
    quantities: Mapping[UUID, int],
    command_id: UUID,
    subject_id: UUID | None,
    document: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Take units of levels for promises whose rows the caller has inserted: the hot path.

    One statement, to be the last of the transaction, so that hot levels are locked for an instant.
    Raises `commands.Rerun` when a level has less than the plan thought: the whole command rolls
    back and plans again on fresh figures.
    """
    moved = ledger.take(
        quantities=quantities,
        command_id=command_id,
        subject_id=subject_id,
        document=document,
        actor=actor,
        at=at,
    )
    if len(moved) < len(quantities):
        raise commands.Rerun


@commands.command
def reserve(
    *,
    promises: Sequence[Promise],
    command_id: UUID,
    subject_id: UUID | None,
    document: str,
    actor: Actor,
    at: datetime,
) -> PerLevel:
    """Promise units to demands, all or nothing; a demand may be filled again on the same level.

    Returns the units per level; a repeated command returns what it did the first time. Raises
    `ShortfallError` when a level has less than asked, `CommandContradicted` for a repetition with
    other quantities.
    """
    wanted = per_level(promises)
    earlier = _earlier(command_id, wanted)
    if earlier is not None:
        return earlier
    moved = ledger.take(
        quantities=wanted,
        command_id=command_id,
        subject_id=subject_id,
        document=document,
        actor=actor,
        at=at,
    )
    if len(moved) < len(wanted):
        raise _refusal(wanted, moved)
    sql.run(KEEP, [sql.to_json(rows(promises))])
    return wanted


@commands.command
def release_promises(
    *,
    promises: Sequence[Promise],
    command_id: UUID,
    subject_id: UUID | None,
    document: str,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> PerLevel:
    """Give up promised units; they are available again and `stock.gained` says so.

    Returns the units per level; a repeated command returns what it did the first time. Raises
    `NotPromised` when a demand is promised less than that on the level; then nothing changes.
    """
    wanted = per_level(promises)
    ledger.lock(level_ids=wanted)
    earlier = _earlier(command_id, wanted)
    if earlier is not None:
        return earlier
    stamp = _Stamp(command_id, subject_id, document, actor, at, reason)
    return _give_up(promises, stamp)


@commands.command
def release(
    *,
    quantities: Mapping[UUID, int],
    command_id: UUID,
    subject_id: UUID | None,
    document: str,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> PerLevel:
    """Give up so many units of each demand, wherever they are promised, last resort first.

    The warehouse that is asked last gives up first. Where a shipment already counts on a
    warehouse, name the promises and call `release_promises`.

    Returns the units per level; a repeated command returns what it did the first time. Raises
    `NotPromised` when a demand is promised less than that; then nothing changes.
    """
    seen = {promise.level_id for promise in of_demands(demand_ids=list(quantities))}
    ledger.lock(level_ids=seen)
    earlier = _earlier(command_id)
    if earlier is not None:
        return earlier
    found = of_demands(demand_ids=list(quantities))
    if not seen.issuperset(promise.level_id for promise in found):
        raise commands.Rerun
    stamp = _Stamp(command_id, subject_id, document, actor, at, reason)
    return _give_up(_chosen(found, quantities), stamp)


@commands.command
def consume(
    *,
    promises: Sequence[Promise],
    command_id: UUID,
    subject_id: UUID | None,
    document: str,
    actor: Actor,
    at: datetime,
    bins: Mapping[UUID, Sequence[BinChange]] | None = None,
) -> PerLevel:
    """Let promised units leave the building: on hand and allocated fall together.

    They are taken from the bins named per level (negative changes), else from the nearest good
    stock. Returns the units per level; a repeated command returns what it did the first time.
    Raises `NotPromised` when a demand is promised less on the level, `ShortfallError` when a bin
    does not hold them; then nothing changes.
    """
    wanted = per_level(promises)
    ledger.lock(level_ids=wanted)
    earlier = _earlier(command_id, wanted)
    if earlier is not None:
        return earlier
    _reduce(promises)
    named = bins or {}
    entries = [
        Entry(
            level_id,
            StockMovement.Kind.SHIP,
            command_id,
            on_hand=-quantity,
            reserved=-quantity,
            bins=tuple(named.get(level_id, ())),
            document=document,
            subject_id=subject_id,
        )
        for level_id, quantity in wanted.items()
    ]
    ledger.post(entries=entries, actor=actor, at=at)
    return wanted


def of_demands(*, demand_ids: Sequence[UUID]) -> list[Promise]:
    """Return what is promised to demands, the warehouse that is asked last first."""
    return [Promise(*row) for row in sql.fetch(OF_DEMANDS, [list(demand_ids)])]


def _merged(promises: Iterable[Promise]) -> dict[tuple[UUID, UUID], int]:
    merged: dict[tuple[UUID, UUID], int] = {}
    for promise in promises:
        if promise.quantity <= 0:
            raise ValueError(f"a promise of {promise.quantity} units")
        key = promise.demand_id, promise.level_id
        merged[key] = merged.get(key, 0) + promise.quantity
    return merged


def _give_up(promises: Sequence[Promise], stamp: _Stamp) -> PerLevel:
    """Reduce the promises and book the release; their levels are locked."""
    _reduce(promises)
    wanted = per_level(promises)
    entries = [
        Entry(
            level_id,
            StockMovement.Kind.RELEASE,
            stamp.command_id,
            reserved=-quantity,
            reason=stamp.reason,
            document=stamp.document,
            subject_id=stamp.subject_id,
        )
        for level_id, quantity in wanted.items()
    ]
    ledger.post(entries=entries, actor=stamp.actor, at=stamp.at)
    return wanted


def _earlier(command_id: UUID, wanted: PerLevel | None = None) -> PerLevel | None:
    """Return what the command did before, None when it is new."""
    booked = movements.of_command(command_id)
    if not booked:
        return None
    earlier = {movement.level_id: abs(movement.reserved) for movement in booked}
    if wanted is not None and wanted != earlier:
        raise errors.CommandContradicted(command_id=str(command_id))
    return earlier


def _refusal(wanted: PerLevel, moved: set[UUID]) -> Exception:
    """Tell a shortage from figures that were merely old: the levels are locked by now."""
    for level_id, level in ledger.lock(level_ids=wanted).items():
        if level_id not in moved and level.available < wanted[level_id]:
            return errors.ShortfallError(
                level_id=level_id,
                product_id=level.product_id,
                warehouse_id=level.warehouse_id,
                missing=wanted[level_id] - level.available,
                cause="promised",
            )
    return commands.Rerun()


def _reduce(promises: Sequence[Promise]) -> None:
    wanted = _merged(promises)
    demands, levels = zip(*wanted, strict=True) if wanted else ((), ())
    locked = sql.fetch(LOCK_PROMISES, [list(demands), list(levels)])
    kept = {(row[1], row[2]): row for row in locked}
    missing = {
        key: quantity - (kept[key][3] if key in kept else 0)
        for key, quantity in wanted.items()
        if key not in kept or kept[key][3] < quantity
    }
    if missing:
        raise errors.NotPromised(
            missing=[
                {"demand_id": str(demand), "level_id": str(level), "missing": units}
                for (demand, level), units in missing.items()
            ]
        )
    rests = {kept[key][0]: kept[key][3] - quantity for key, quantity in wanted.items()}
    sql.run(REDUCE, {"ids": list(rests), "rests": list(rests.values())})


def _chosen(found: Sequence[Promise], quantities: Mapping[UUID, int]) -> list[Promise]:
    left = dict(quantities)
    chosen = []
    for promise in found:
        part = min(left[promise.demand_id], promise.quantity)
        if part > 0:
            chosen.append(Promise(promise.demand_id, promise.level_id, part))
            left[promise.demand_id] -= part
    missing = {demand_id: units for demand_id, units in left.items() if units > 0}
    if missing:
        raise errors.NotPromised(
            missing=[
                {"demand_id": str(demand), "missing": units} for demand, units in missing.items()
            ]
        )
    return chosen
