"""Warehouses with the bins each of them has, and who works where."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, ids
from config.kernel.actors import Actor
from config.kernel.models import User
from inventory import errors
from inventory.booking import Entry
from inventory.models import (
    Bin,
    BinStock,
    DefaultWarehouse,
    StockLevel,
    StockMovement,
    Warehouse,
)
from inventory.queries import calendars
from inventory.services import ledger

# Goods in; where stock lies when nothing else is said; what waits to be handed over.
DEFAULT_BINS = {
    Bin.RECEIVING: Bin.Kind.BULK,
    Bin.STOCK: Bin.Kind.PICK,
    Bin.STAGED: Bin.Kind.STAGING,
}


@commands.command
def create(*, code: str, name: str = "", **details: Any) -> Warehouse:
    """Create a warehouse with its default bins; `details` are further columns.

    Raises IntegrityError when the code is taken.
    """
    warehouse = Warehouse(code=code, name=name or code, **details)
    warehouse.save(force_insert=True)
    add_default_bins(warehouse_id=warehouse.pk)
    calendars.forget()
    return warehouse


@commands.command
def ensure(*, code: str) -> Warehouse:
    """Return the warehouse with this code, creating it when there is none."""
    return Warehouse.objects.filter(code=code).first() or create(code=code)


@commands.command
def add_default_bins(*, warehouse_id: UUID) -> None:
    """Give a warehouse the bins that every warehouse has; those it has stay as they are."""
    fresh = [
        Bin(warehouse_id=warehouse_id, code=code, kind=kind) for code, kind in DEFAULT_BINS.items()
    ]
    Bin.objects.bulk_create(fresh, ignore_conflicts=True)


@commands.command
def limit_staff(*, user: User, warehouses: Collection[Warehouse]) -> None:
    """Limit a member of staff to these warehouses; none means all of them."""
    chosen = {warehouse.pk for warehouse in warehouses}
    link = Warehouse.staff.through
    link.objects.filter(user=user).exclude(warehouse__in=chosen).delete()
    link.objects.bulk_create(
        [link(user=user, warehouse_id=key) for key in sorted(chosen)], ignore_conflicts=True
    )


def limits_of(*, user: User) -> list[UUID]:
    """Return the warehouses a member of staff is limited to; none means all."""
    return list(
        Warehouse.staff.through.objects.filter(user=user).values_list("warehouse", flat=True)
    )


@commands.command
def set_default(*, user: User, warehouse: Warehouse | None) -> None:
    """Keep the warehouse that forms choose for somebody at first; None for no such choice."""
    if warehouse is None:
        DefaultWarehouse.objects.filter(user=user).delete()
    else:
        DefaultWarehouse.objects.update_or_create(user=user, defaults={"warehouse": warehouse})


@commands.command
def change_bin_kind(*, bin_id: UUID, kind: str, actor: Actor, at: datetime) -> Bin:
    """Change what a bin is for; what lies in it becomes unavailable in quarantine, else available.

    Raises `ShortfallError` when quarantine would take what is promised; then the kind stays.
    """
    place = Bin.objects.filter(pk=bin_id).first()
    if place is None:
        raise errors.UnknownBin(bin_id=str(bin_id))
    ledger.lock(level_ids=_lying_in(place))
    lying = _lying_in(place)
    was_sellable = place.is_sellable
    place.kind, place.version = kind, place.version + 1
    place.save(update_fields=["kind", "version", "updated_at"])
    change = int(was_sellable) - int(place.is_sellable)
    if change:
        _book(lying, change, place, actor, at)
    return place


def _lying_in(place: Bin) -> dict[UUID, int]:
    """Return the good units in a bin per level."""
    contents = BinStock.objects.filter(bin=place, quantity__gt=0, condition=BinStock.Condition.GOOD)
    units: dict[UUID, int] = {}
    for product_id, quantity in contents.values_list("product_id", "quantity"):
        units[product_id] = units.get(product_id, 0) + quantity
    levels = StockLevel.objects.filter(warehouse=place.warehouse_id, product__in=units)
    return {
        level_id: units[product_id] for level_id, product_id in levels.values_list("pk", "product")
    }


def _book(lying: dict[UUID, int], change: int, place: Bin, actor: Actor, at: datetime) -> None:
    command_id = ids.new()
    entries = [
        Entry(
            level_id,
            StockMovement.Kind.CONDITION,
            command_id,
            unavailable=change * quantity,
            reason=f"{place.code}: {place.kind}",
        )
        for level_id, quantity in lying.items()
    ]
    ledger.post(entries=entries, actor=actor, at=at)
