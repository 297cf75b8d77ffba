"""Transfers between warehouses: goods in transit are sellable nowhere and shown as incoming.

Locks: the transfer, then levels in id order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, events, sql, states
from config.kernel import errors as kernel_errors
from config.kernel.actors import Actor
from inventory import errors
from inventory.booking import BinChange, Entry
from inventory.models import StockMovement, Transfer, TransferLine
from inventory.services import ledger, levels

NEXT_NUMBER = "SELECT nextval('inventory_transfer_number')"


@dataclass(frozen=True, slots=True)
class Parcel:
    """Units of a product to send, from a bin or wherever good stock is nearest."""

    product_id: UUID
    quantity: int
    bin_id: UUID | None = None


@commands.command
def send(
    *,
    source_id: UUID,
    destination_id: UUID,
    parcels: Sequence[Parcel],
    command_id: UUID,
    actor: Actor,
    at: datetime,
    expected_on: date | None = None,
    note: str = "",
) -> Transfer:
    """Take goods out of one warehouse, on their way to another; the command's id is the transfer's.

    A repeated command returns the transfer it made. Raises `NothingToDo` for no goods or the same
    warehouse twice, `ShortfallError` when they are not there or promised.
    """
    earlier = Transfer.objects.filter(pk=command_id).first()
    if earlier is not None:
        return earlier
    wanted = _per_product(parcels)
    if not wanted or source_id == destination_id:
        raise errors.NothingToDo
    transfer = Transfer(
        id=command_id,
        number=f"TR-{sql.fetch(NEXT_NUMBER)[0][0]}",
        source_id=source_id,
        destination_id=destination_id,
        sent_at=at,
        expected_on=expected_on,
        note=note,
    )
    _post_out(transfer, parcels, actor, at)
    transfer.save(force_insert=True)
    TransferLine.objects.bulk_create(
        TransferLine(transfer=transfer, product_id=product_id, sent=quantity)
        for product_id, quantity in wanted.items()
    )
    _publish(transfer, "transfer.sent", command_id, actor, at, wanted)
    return transfer


@commands.command
def receive(
    *,
    transfer_id: UUID,
    quantities: Mapping[UUID, int],
    command_id: UUID,
    actor: Actor,
    at: datetime,
    bin_id: UUID | None = None,
) -> Transfer:
    """Book units of a transfer in at its destination, per product; the rest stays in transit.

    When nothing is left in transit the transfer is received. A repeated command changes nothing.
    Raises `TransferExceeded` for more than is in transit, `NothingToDo`.
    """
    transfer = _lock(transfer_id)
    if _did(transfer, command_id):
        return transfer
    _settle(transfer, "received", quantities)
    _post_in(transfer, quantities, bin_id, command_id, actor, at)
    _advance(transfer, "transfer.received", command_id, actor, at, quantities)
    return transfer


@commands.command
def write_off(
    *,
    transfer_id: UUID,
    quantities: Mapping[UUID, int],
    reason: str,
    command_id: UUID,
    actor: Actor,
    at: datetime,
) -> Transfer:
    """Give up units that will never arrive: an explicit entry in the ledger of where they left.

    A repeated command changes nothing. Raises `ReasonMissing`, `TransferExceeded`, `NothingToDo`.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    transfer = _lock(transfer_id)
    if _did(transfer, command_id):
        return transfer
    _settle(transfer, "lost", quantities)
    _post_loss(transfer, quantities, reason.strip(), command_id, actor, at)
    _advance(transfer, "transfer.written_off", command_id, actor, at, quantities)
    return transfer


def _per_product(parcels: Sequence[Parcel]) -> dict[UUID, int]:
    wanted: dict[UUID, int] = {}
    for parcel in parcels:
        if parcel.quantity <= 0:
            raise errors.NothingToDo
        wanted[parcel.product_id] = wanted.get(parcel.product_id, 0) + parcel.quantity
    return wanted


def _lock(transfer_id: UUID) -> Transfer:
    transfer = Transfer.objects.select_for_update(no_key=True).filter(pk=transfer_id).first()
    if transfer is None:
        raise kernel_errors.NotFound
    return transfer


def _did(transfer: Transfer, command_id: UUID) -> bool:
    return StockMovement.objects.filter(command_id=command_id, document=transfer.number).exists()


def _settle(transfer: Transfer, column: str, quantities: Mapping[UUID, int]) -> None:
    """Take units out of transit; the transfer is locked, so its lines are."""
    if not quantities or any(quantity <= 0 for quantity in quantities.values()):
        raise errors.NothingToDo
    lines = {line.product_id: line for line in TransferLine.objects.filter(transfer=transfer)}
    for product_id, quantity in quantities.items():
        line = lines.get(product_id)
        open_units = line.sent - line.received - line.lost if line else 0
        if line is None or quantity > open_units:
            raise errors.TransferExceeded(product_id=str(product_id), in_transit=open_units)
        setattr(line, column, getattr(line, column) + quantity)
    changed = [lines[product_id] for product_id in quantities]
    TransferLine.objects.bulk_update(changed, [column])


def _post_out(transfer: Transfer, parcels: Sequence[Parcel], actor: Actor, at: datetime) -> None:
    """Take from the named bins; a product with any unnamed part is taken from the nearest."""
    wanted = _per_product(parcels)
    found = levels.ensure(pairs=((product_id, transfer.source_id) for product_id in wanted))
    entries = [
        Entry(
            level_id,
            StockMovement.Kind.TRANSFER_OUT,
            transfer.pk,
            on_hand=-wanted[product_id],
            bins=_named([parcel for parcel in parcels if parcel.product_id == product_id]),
            document=transfer.number,
            subject_id=transfer.pk,
        )
        for (product_id, _), level_id in found.items()
    ]
    ledger.post(entries=entries, actor=actor, at=at)


def _named(parcels: Sequence[Parcel]) -> tuple[BinChange, ...]:
    changes = [BinChange(one.bin_id, -one.quantity) for one in parcels if one.bin_id]
    return tuple(changes) if len(changes) == len(parcels) else ()


def _post_in(
    transfer: Transfer,
    quantities: Mapping[UUID, int],
    bin_id: UUID | None,
    command_id: UUID,
    actor: Actor,
    at: datetime,
) -> None:
    found = levels.ensure(
        pairs=((product_id, transfer.destination_id) for product_id in quantities)
    )
    entries = [
        Entry(
            level_id,
            StockMovement.Kind.TRANSFER_IN,
            command_id,
            on_hand=quantities[product_id],
            bins=(BinChange(bin_id, quantities[product_id]),) if bin_id else (),
            document=transfer.number,
            subject_id=transfer.pk,
        )
        for (product_id, _), level_id in found.items()
    ]
    ledger.post(entries=entries, actor=actor, at=at)


def _post_loss(
    transfer: Transfer,
    quantities: Mapping[UUID, int],
    reason: str,
    command_id: UUID,
    actor: Actor,
    at: datetime,
) -> None:
    """They left on hand when they were sent, so no counter changes; the ledger names the loss."""
    found = levels.ensure(pairs=((product_id, transfer.source_id) for product_id in quantities))
    entries = [
        Entry(
            level_id,
            StockMovement.Kind.ADJUSTMENT,
            command_id,
            noted=quantities[product_id],
            reason=reason,
            document=transfer.number,
            subject_id=transfer.pk,
        )
        for (product_id, _), level_id in found.items()
    ]
    ledger.post(entries=entries, actor=actor, at=at)


def _advance(
    transfer: Transfer,
    type_: str,
    command_id: UUID,
    actor: Actor,
    at: datetime,
    quantities: Mapping[UUID, int],
) -> None:
    open_lines = TransferLine.objects.filter(transfer=transfer).in_transit()
    transfer.version += 1
    if open_lines.exists():
        transfer.save(update_fields=["version"])
    else:
        states.transition(
            transfer, Transfer.Status.RECEIVED, version=transfer.version, received_at=at
        )
    _publish(transfer, type_, command_id, actor, at, quantities)


def _publish(
    transfer: Transfer,
    type_: str,
    command_id: UUID,
    actor: Actor,
    at: datetime,
    quantities: Mapping[UUID, int],
) -> None:
    payload: dict[str, Any] = {
        "number": transfer.number,
        "quantities": {str(key): quantity for key, quantity in quantities.items()},
    }
    events.publish(
        type=type_,
        aggregate="transfer",
        aggregate_id=transfer.pk,
        subject_id=transfer.pk,
        version=transfer.version,
        at=at,
        actor=actor,
        command_id=command_id,
        payload=payload,
    )
