"""The only writer of stock: counters, bins and the append-only ledger change together, or not.

Locks are taken in one order everywhere: levels by id, then their bins' contents by id.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from config.kernel import commands, events, ids, sql
from config.kernel.actors import Actor
from inventory import booking, errors
from inventory.booking import Entry, Level, Posted
from inventory.models import Bin, BinStock, StockLevel, StockMovement
from inventory.queries import movements

LOCK_LEVELS = """
SELECT id, product_id, warehouse_id, on_hand, unavailable, reserved, version
FROM inventory_stocklevel WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""

LOCK_CONTENTS = """
SELECT s.id, s.product_id, b.id, b.warehouse_id, b.kind, b.sequence, b.code,
  s.lot, s.condition, s.quantity, s.allocated
FROM inventory_stocklevel l
JOIN inventory_binstock s ON s.product_id = l.product_id
JOIN inventory_bin b ON b.id = s.bin_id AND b.warehouse_id = l.warehouse_id
WHERE l.id = ANY(%s) ORDER BY s.id FOR NO KEY UPDATE OF s
"""

PLACES = """
SELECT id, warehouse_id, kind, sequence, code FROM inventory_bin
WHERE id = ANY(%s) OR (warehouse_id = ANY(%s) AND code = %s)
"""

SUMS = """
SELECT coalesce(sum(d_on_hand), 0)::int, coalesce(sum(d_unavailable), 0)::int,
  coalesce(sum(d_reserved), 0)::int, coalesce(max(version), 0)
FROM inventory_stockmovement WHERE level_id = %s
"""

# The rows are locked in id order by the inner SELECT; the condition is judged on each row's newest
# version. A level that is short returns no row, and so gets no ledger row.
TAKE = """
WITH moved AS (
  UPDATE inventory_stocklevel s SET reserved = s.reserved + w.n, version = s.version + 1
  FROM (SELECT id FROM inventory_stocklevel WHERE id = ANY(%(levels)s::uuid[])
        ORDER BY id FOR NO KEY UPDATE) locked
  JOIN unnest(%(levels)s::uuid[], %(quantities)s::int[], %(movements)s::uuid[])
    w(level, n, movement) ON w.level = locked.id
  WHERE s.id = locked.id AND s.on_hand - s.unavailable - s.reserved >= w.n
  RETURNING s.id, s.version, w.n, w.movement)
INSERT INTO inventory_stockmovement (
  id, level_id, version, kind, d_on_hand, d_unavailable, d_reserved, quantity, reason, document,
  subject_id, actor_kind, actor_id, actor_label, command_id, at)
SELECT movement, id, version, 'reserve', 0, 0, n, n, '', %(document)s,
  %(subject_id)s, %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(command_id)s, %(at)s
FROM moved RETURNING level_id
"""


@commands.command
def lock(*, level_ids: Iterable[UUID]) -> dict[UUID, Level]:
    """Lock levels in id order until the transaction ends and return their figures.

    Raises `UnknownLevel` when one does not exist. What is decided on these figures holds.
    """
    wanted = sorted(set(level_ids))
    levels = {row[0]: Level(*row) for row in sql.fetch(LOCK_LEVELS, [wanted])}
    if len(levels) < len(wanted):
        missing = [str(level_id) for level_id in wanted if level_id not in levels]
        raise errors.UnknownLevel(level_ids=missing)
    return levels


@commands.command
def post(
    *, entries: Sequence[Entry], actor: Actor, at: datetime, quiet: bool = False
) -> list[Posted]:
    """Book entries in their order, in the same number of statements however many they are.

    Afterwards counters, bins and ledger agree, and each level that has more to sell than before
    has published `stock.gained` (unless `quiet`). Locks the levels, then their bins' contents.

    Raises `ShortfallError` when a counter or a bin would fall below zero or a promise would lose
    its stock; then nothing is booked. A command books a level once: when a twin was faster, the
    whole transaction runs again, so that the caller finds the effect there.
    """
    _refuse_repeats(entries)
    book = _open_book(entries)
    posted = [book.apply(entry) for entry in entries]
    _save(book, list(map(_row, entries, posted, [actor] * len(posted), [at] * len(posted))))
    if not quiet:
        _publish_gains(posted, actor, at)
    return posted


@commands.command
def post_once(
    *, entries: Sequence[Entry], actor: Actor, at: datetime, quiet: bool = False
) -> list[Posted]:
    """Book the entries of one command, or return what it booked when it ran before.

    Promises, locks and raises as `post` does; `CommandContradicted` when the command ran before
    with other entries.
    """
    lock(level_ids=(entry.level_id for entry in entries))
    earlier = [movement for one in _commands(entries) for movement in movements.of_command(one)]
    if not earlier:
        return post(entries=entries, actor=actor, at=at, quiet=quiet)
    wanted = {(entry.level_id, entry.kind, entry.quantity) for entry in entries}
    if wanted != {(one.level_id, one.kind, one.quantity) for one in earlier}:
        raise errors.CommandContradicted(command_id=str(earlier[0].command_id))
    return earlier


def take(
    *,
    quantities: Mapping[UUID, int],
    command_id: UUID,
    subject_id: UUID | None,
    document: str,
    actor: Actor,
    at: datetime,
) -> set[UUID]:
    """Raise the reserved counter of each level by its quantity where that much is available.

    One statement: locks the levels in id order, writes the ledger rows of those that moved, and
    returns these levels. When they are fewer than asked, the caller must roll the command back.
    """
    if not quantities:
        return set()
    with _twin_runs_again():
        moved = sql.fetch(
            TAKE,
            {
                "levels": sql.array(quantities),
                "quantities": sql.array(quantities.values()),
                "movements": sql.array(ids.new() for _ in quantities),
                "document": document,
                "subject_id": subject_id,
                "command_id": command_id,
                "at": at,
                **actor.columns(),
            },
        )
    return {level_id for (level_id,) in moved}


@commands.command
def restate(*, level_id: UUID, command_id: UUID, reason: str, actor: Actor, at: datetime) -> Posted:
    """Make a level's counters and version what its entries say; kept as an entry that changes none.

    The ledger cannot be edited, so where it and a counter differ the counter is wrong.
    """
    level = lock(level_ids=[level_id])[level_id]
    *sums, last = sql.fetch(SUMS, [level_id])[0]
    before = level.on_hand, level.unavailable, level.reserved, level.available
    off = max(abs(now - was) for now, was in zip(sums, before, strict=False))
    entry = Entry(level_id, StockMovement.Kind.REPAIR, command_id, noted=off, reason=reason)
    level.version = last
    book = booking.Book({level_id: level})
    posted = book.restate(entry, *sums)
    _save(book, [_row(entry, posted, actor, at)])
    if level.available > before[-1]:
        events.publish_many([_gain(posted, level.available - before[-1], actor, at)])
    return posted


@commands.command
def refill(*, level_id: UUID, command_id: UUID, reason: str, actor: Actor, at: datetime) -> Posted:
    """Make what lies in a level's bins add up to its on hand; an entry that changes no counter.

    What is missing is put into bin STOCK, what is too much is taken from the nearest good stock.
    """
    book = _open_book([Entry(level_id, StockMovement.Kind.REPAIR, command_id, on_hand=1)])
    off = book.levels[level_id].on_hand - book.lying(level_id)
    entry = Entry(level_id, StockMovement.Kind.REPAIR, command_id, noted=abs(off), reason=reason)
    posted = book.refill(entry, off)
    _save(book, [_row(entry, posted, actor, at)])
    return posted


def _commands(entries: Sequence[Entry]) -> set[UUID]:
    return {entry.command_id for entry in entries}


def _refuse_repeats(entries: Sequence[Entry]) -> None:
    if len({(entry.command_id, entry.level_id) for entry in entries}) < len(entries):
        raise ValueError("a command books a level once; derive ids for its parts")


def _open_book(entries: Sequence[Entry]) -> booking.Book:
    book = booking.Book(lock(level_ids=(entry.level_id for entry in entries)))
    moving = [entry for entry in entries if entry.moves_goods]
    if not moving:
        return book
    touched = {entry.level_id for entry in moving}
    book.add(_contents(touched))
    named = {change.bin_id for entry in moving for change in entry.bins}
    _add_places(book, named, {book.levels[level_id].warehouse_id for level_id in touched})
    return book


def _contents(level_ids: Collection[UUID]) -> list[booking.Content]:
    rows = sql.fetch(LOCK_CONTENTS, [list(level_ids)])
    return [booking.Content(row[0], row[1], booking.Place(*row[2:7]), *row[7:]) for row in rows]


def _add_places(book: booking.Book, named: Collection[UUID], warehouses: Collection[UUID]) -> None:
    rows = sql.fetch(PLACES, [list(named), list(warehouses), Bin.STOCK])
    for place in (booking.Place(*row) for row in rows):
        book.places[place.id] = place
        if place.code == Bin.STOCK:
            book.defaults[place.warehouse_id] = place


def _row(entry: Entry, posted: Posted, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "id": posted.movement_id,
        "level_id": posted.level_id,
        "version": posted.version,
        "kind": posted.kind,
        "d_on_hand": posted.on_hand,
        "d_unavailable": posted.unavailable,
        "d_reserved": posted.reserved,
        "bin_from_id": posted.bin_from_id,
        "bin_to_id": posted.bin_to_id,
        "quantity": posted.quantity,
        "reason": entry.reason,
        "document": entry.document,
        "subject_id": entry.subject_id,
        "command_id": entry.command_id,
        "at": entry.at or at,
        **actor.columns(),
    }


def _save(book: booking.Book, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    changed = list(book.changed())
    fresh = [_new_content(content) for content in changed if content.is_new]
    known = [
        {"id": content.id, "quantity": content.quantity}
        for content in changed
        if not content.is_new
    ]
    with _twin_runs_again():
        sql.insert((BinStock, fresh), (StockMovement, rows))
    sql.update(StockLevel, [_counters(level) for level in book.levels.values()])
    sql.update(BinStock, known)


def _counters(level: Level) -> dict[str, Any]:
    return {
        "id": level.id,
        "on_hand": level.on_hand,
        "unavailable": level.unavailable,
        "reserved": level.reserved,
        "version": level.version,
    }


def _new_content(content: booking.Content) -> dict[str, Any]:
    return {
        "id": content.id,
        "bin_id": content.place.id,
        "product_id": content.product_id,
        "lot": content.lot,
        "condition": content.condition,
        "quantity": content.quantity,
        "allocated": content.allocated,
    }


@contextmanager
def _twin_runs_again() -> Iterator[None]:
    """Turn the refusal of a command's second effect into another run, which finds the first."""
    try:
        yield
    except IntegrityError as error:
        if commands.constraint(error) == "movement_once_per_command":
            raise commands.Rerun from error
        raise


def _publish_gains(posted: Sequence[Posted], actor: Actor, at: datetime) -> None:
    """One event per level that gained, with the level's last version."""
    gains: dict[UUID, int] = {}
    last: dict[UUID, Posted] = {}
    for movement in posted:
        gains[movement.level_id] = gains.get(movement.level_id, 0) + movement.gained
        last[movement.level_id] = movement
    events.publish_many(
        [_gain(last[level_id], gain, actor, at) for level_id, gain in gains.items() if gain > 0]
    )


def _gain(movement: Posted, gain: int, actor: Actor, at: datetime) -> dict[str, Any]:
    return events.row(
        type="stock.gained",
        aggregate="level",
        aggregate_id=movement.level_id,
        version=movement.version,
        at=at,
        actor=actor,
        command_id=movement.command_id,
        payload={
            "product_id": movement.product_id,
            "warehouse_id": movement.warehouse_id,
            "quantity": gain,
        },
    )
