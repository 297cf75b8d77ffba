"""Goods carried from one bin to another within a warehouse."""

from datetime import datetime
from uuid import UUID

from config.kernel import commands
from config.kernel.actors import Actor
from inventory import errors
from inventory.booking import BinChange, Entry, Posted
from inventory.models import Bin, BinStock, StockMovement
from inventory.services import ledger, levels


@commands.command
def move(  # noqa: PLR0913 - by keyword, each a word of the entry
    *,
    product_id: UUID,
    from_bin_id: UUID,
    to_bin_id: UUID,
    quantity: int,
    command_id: UUID,
    actor: Actor,
    at: datetime,
    lot: str | None = None,
    condition: str = BinStock.Condition.GOOD,
    reason: str = "",
    document: str = "",
) -> Posted:
    """Carry units to another bin: on hand stays, quarantine makes them unavailable.

    A repeated command returns what it booked. Raises `NothingToDo`, `WrongBin` when the bins are in
    two warehouses, `ShortfallError` when the units are not there or quarantine would take what is
    promised.
    """
    if quantity <= 0 or from_bin_id == to_bin_id:
        raise errors.NothingToDo
    pair = product_id, _warehouse_of(from_bin_id, to_bin_id)
    entry = Entry(
        levels.ensure(pairs=[pair])[pair],
        StockMovement.Kind.MOVE,
        command_id,
        bins=(
            BinChange(from_bin_id, -quantity, lot, condition),
            BinChange(to_bin_id, quantity, lot, condition),
        ),
        reason=reason,
        document=document,
    )
    (posted,) = ledger.post_once(entries=[entry], actor=actor, at=at)
    return posted


def _warehouse_of(*bin_ids: UUID) -> UUID:
    found = dict(Bin.objects.filter(pk__in=bin_ids).values_list("pk", "warehouse_id"))
    unknown = [str(bin_id) for bin_id in bin_ids if bin_id not in found]
    if unknown:
        raise errors.UnknownBin(bin_ids=unknown)
    warehouses = set(found.values())
    if len(warehouses) > 1:
        raise errors.WrongBin(bin_ids=[str(bin_id) for bin_id in bin_ids])
    return warehouses.pop()
