"""Corrections of what lies in a bin: adjusted, counted, found damaged or good again."""

from datetime import datetime
from uuid import UUID

from config.kernel import commands
from config.kernel.actors import Actor
from inventory import errors
from inventory.booking import BinChange, Entry, Posted
from inventory.models import Bin, BinStock, StockMovement
from inventory.services import ledger, levels

GOOD, DAMAGED = BinStock.Condition.GOOD, BinStock.Condition.DAMAGED


@commands.command
def adjust(  # noqa: PLR0913 - by keyword, each a word of the entry
    *,
    product_id: UUID,
    warehouse_id: UUID,
    quantity: int,
    reason: str,
    command_id: UUID,
    actor: Actor,
    at: datetime,
    bin_id: UUID | None = None,
    lot: str | None = None,
    condition: str = GOOD,
    document: str = "",
) -> Posted:
    """Change stock by a signed quantity, in a bin or wherever good stock is nearest.

    A repeated command returns what it booked. Raises `ReasonMissing`, `NothingToDo` for 0,
    `ShortfallError` when it is not there or promised: `cause` tells which.
    """
    if not quantity:
        raise errors.NothingToDo
    level_id = _level(product_id, warehouse_id)
    changes = (BinChange(bin_id, quantity, lot, condition),) if bin_id else ()
    entry = Entry(
        level_id,
        StockMovement.Kind.ADJUSTMENT,
        command_id,
        on_hand=quantity,
        bins=changes,
        reason=_given(reason),
        document=document,
    )
    return _post(entry, actor, at)


@commands.command
def count_bin(  # noqa: PLR0913
    *,
    product_id: UUID,
    bin_id: UUID,
    counted: int,
    based_on: int,
    command_id: UUID,
    actor: Actor,
    at: datetime,
    lot: str | None = None,
    condition: str = GOOD,
    reason: str = "",
    document: str = "",
) -> Posted:
    """Set a bin's content to what was counted, if it still is what the counter was told.

    `based_on` is the figure the count was compared with: when goods moved since then, it raises
    `StaleCount` and nothing changes. A count that confirms the figure is in the ledger too. Raises
    `ShortfallError` (`promised`) when more is promised than was found.
    """
    if counted < 0:
        raise errors.NothingToDo
    level_id = _level(product_id, _warehouse_of(bin_id))
    change = BinChange(bin_id, counted - based_on, lot, condition)
    entry = Entry(
        level_id,
        StockMovement.Kind.COUNT,
        command_id,
        bins=(change,),
        reason=reason,
        document=document,
    )
    ledger.lock(level_ids=[level_id])
    present = _content(product_id, change)
    is_new = not StockMovement.objects.filter(command_id=command_id).exists()
    if is_new and present != based_on:
        raise errors.StaleCount(based_on=based_on, present=present)
    return _post(entry, actor, at)


@commands.command
def count(  # noqa: PLR0913
    *,
    product_id: UUID,
    warehouse_id: UUID,
    counted: int,
    based_on: int,
    command_id: UUID,
    actor: Actor,
    at: datetime,
    reason: str = "",
    document: str = "",
) -> Posted:
    """Set what is on hand in a warehouse to what was counted, if it still is what was told.

    For those who count without bins: what is missing is taken from the nearest good stock, what is
    too much goes to bin STOCK. Promises and raises as `count_bin` does.
    """
    if counted < 0:
        raise errors.NothingToDo
    level_id = _level(product_id, warehouse_id)
    entry = Entry(
        level_id,
        StockMovement.Kind.COUNT,
        command_id,
        on_hand=counted - based_on,
        reason=reason,
        document=document,
    )
    present = ledger.lock(level_ids=[level_id])[level_id].on_hand
    is_new = not StockMovement.objects.filter(command_id=command_id).exists()
    if is_new and present != based_on:
        raise errors.StaleCount(based_on=based_on, present=present)
    return _post(entry, actor, at)


@commands.command
def change_condition(  # noqa: PLR0913
    *,
    product_id: UUID,
    bin_id: UUID,
    quantity: int,
    to: str,
    reason: str,
    command_id: UUID,
    actor: Actor,
    at: datetime,
    lot: str | None = None,
) -> Posted:
    """Mark units in a bin as damaged, or as good again: available changes, on hand does not.

    Raises `ReasonMissing`, `NothingToDo`, and `ShortfallError` when so many are not there in the
    other condition, or are promised.
    """
    if quantity <= 0:
        raise errors.NothingToDo
    was = GOOD if to == DAMAGED else DAMAGED
    changes = (BinChange(bin_id, -quantity, lot, was), BinChange(bin_id, quantity, lot, to))
    entry = Entry(
        _level(product_id, _warehouse_of(bin_id)),
        StockMovement.Kind.CONDITION,
        command_id,
        bins=changes,
        reason=_given(reason),
    )
    return _post(entry, actor, at)


def _post(entry: Entry, actor: Actor, at: datetime) -> Posted:
    (posted,) = ledger.post_once(entries=[entry], actor=actor, at=at)
    return posted


def _level(product_id: UUID, warehouse_id: UUID) -> UUID:
    pair = product_id, warehouse_id
    return levels.ensure(pairs=[pair])[pair]


def _warehouse_of(bin_id: UUID) -> UUID:
    found = Bin.objects.filter(pk=bin_id).values_list("warehouse_id", flat=True).first()
    if found is None:
        raise errors.UnknownBin(bin_id=str(bin_id))
    return found


def _content(product_id: UUID, change: BinChange) -> int:
    contents = BinStock.objects.filter(
        product=product_id, bin=change.bin_id, lot=change.lot, condition=change.condition
    )
    return contents.values_list("quantity", flat=True).first() or 0


def _given(reason: str) -> str:
    if not reason.strip():
        raise errors.ReasonMissing
    return reason.strip()
