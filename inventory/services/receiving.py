"""Goods that come in: from suppliers, and back from customers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.kernel import commands
from config.kernel.actors import Actor
from inventory import errors
from inventory.booking import BinChange, Entry, Posted
from inventory.models import Bin, BinStock, StockMovement
from inventory.services import ledger, levels


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units of a product that came in, and where they were put: bin STOCK when none is named."""

    product_id: UUID
    quantity: int
    bin_id: UUID | None = None
    lot: str | None = None
    condition: str = BinStock.Condition.GOOD


@commands.command
def receive(
    *,
    warehouse_id: UUID,
    arrivals: Sequence[Arrival],
    command_id: UUID,
    document: str,
    actor: Actor,
    at: datetime,
    reason: str = "",
    quiet: bool = False,
) -> list[Posted]:
    """Book goods in: one ledger entry per product, all or nothing.

    What can be sold of it publishes `stock.gained`, unless `quiet`. A repeated command returns what
    it booked. Raises `NotStocked`, `NothingToDo` for a quantity below 1, `WrongBin`.
    """
    entries = _entries(
        StockMovement.Kind.RECEIPT, warehouse_id, arrivals, command_id, document, reason, None
    )
    return ledger.post_once(entries=entries, actor=actor, at=at, quiet=quiet)


@commands.command
def restock(
    *,
    warehouse_id: UUID,
    arrivals: Sequence[Arrival],
    command_id: UUID,
    document: str,
    actor: Actor,
    at: datetime,
    subject_id: UUID | None = None,
    reason: str = "",
) -> list[Posted]:
    """Book goods back that customers returned; in all else like `receive`."""
    entries = _entries(
        StockMovement.Kind.RETURN, warehouse_id, arrivals, command_id, document, reason, subject_id
    )
    return ledger.post_once(entries=entries, actor=actor, at=at)


def _entries(
    kind: str,
    warehouse_id: UUID,
    arrivals: Sequence[Arrival],
    command_id: UUID,
    document: str,
    reason: str,
    subject_id: UUID | None,
) -> list[Entry]:
    if not arrivals or any(arrival.quantity <= 0 for arrival in arrivals):
        raise errors.NothingToDo
    found = levels.ensure(pairs=((arrival.product_id, warehouse_id) for arrival in arrivals))
    stock = _stock_bin(warehouse_id, arrivals)
    changes: dict[UUID, list[BinChange]] = defaultdict(list)
    for arrival in arrivals:
        changes[arrival.product_id].append(_change(arrival, stock))
    return [
        Entry(
            level_id,
            kind,
            command_id,
            bins=tuple(changes[product_id]),
            reason=reason,
            document=document,
            subject_id=subject_id,
        )
        for (product_id, _), level_id in found.items()
    ]


def _stock_bin(warehouse_id: UUID, arrivals: Iterable[Arrival]) -> UUID | None:
    if all(arrival.bin_id for arrival in arrivals):
        return None
    stock = Bin.objects.filter(warehouse=warehouse_id, code=Bin.STOCK).values_list("pk", flat=True)
    return stock.first()


def _change(arrival: Arrival, stock: UUID | None) -> BinChange:
    bin_id = arrival.bin_id or stock
    if bin_id is None:
        raise errors.NoDefaultBin
    return BinChange(bin_id, arrival.quantity, arrival.lot, arrival.condition)
